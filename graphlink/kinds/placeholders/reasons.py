"""Why a value names nobody, and what the user can do about it."""

from __future__ import annotations

PLACEHOLDER = "placeholder"
EMPTY_DIGEST = "empty_digest"
TEST_VALUE = "test_value"
MASKED = "masked"
PAYMENT_METHOD = "payment_method"
REMEDIES = {
    PLACEHOLDER: "it stands for a missing one; leave it empty, or keep it by the setting placeholders.keep",
    EMPTY_DIGEST: "it is the digest of an empty or missing text; hash only what is there",
    TEST_VALUE: "it is a test value; leave it out, or keep it by the setting placeholders.keep",
    MASKED: "a masked or shortened number is that of many; send a fingerprint of the whole number",
    PAYMENT_METHOD: "it names how was paid, not with what; send a fingerprint or token of the instrument",
}
