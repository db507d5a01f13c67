"""Payment methods, masked cards and test tokens: what is no payment instrument."""

from __future__ import annotations

import re

from graphlink.kinds.placeholders.reasons import MASKED, PAYMENT_METHOD, TEST_VALUE

# How one can pay, without spaces, - and _; and words around the last digits of a card.
_METHODS = frozenset(
    re.findall(
        "[a-z0-9]+",
        """
        card cards creditcard credit debit debitcard prepaid prepaidcard bankcard visa visaelectron
        visadebit mastercard mc masterdebit amex americanexpress discover diners dinersclub jcb unionpay
        chinaunionpay cup maestro elo mir rupay cartebancaire cartesbancaires cb verve troy hipercard
        interac eftpos paypal applepay apple googlepay google gpay samsungpay amazonpay amazon shoppay
        metapay link cashapp venmo zelle klarna afterpay clearpay affirm alipay alipayhk wechat wechatpay
        weixin stripe adyen braintree square checkout worldpay paddle razorpay payu mollie sepa sepadebit
        sepadirectdebit sepacredittransfer ach achdebit usbankaccount bank bankaccount banktransfer
        customerbalance wire wiretransfer transfer invoice cash cheque check ideal bancontact giropay
        sofort eps p24 przelewy24 blik boleto pix oxxo upi paytm phonepe netbanking crypto cryptocurrency
        bitcoin btc ethereum eth usdt usdc tether free trial freetrial giftcard voucher coupon promo
        credits prepaidcredits balance wallet manual other iban directdebit bacs bacsdebit becs
        aubecsdebit acssdebit twint swish vipps mobilepay konbini paysafecard payoneer revolut revolutpay
        wise skrill neteller mpesa momo gcash grabpay fpx paynow promptpay multibanco trustly kakaopay
        naverpay dana ovo mercadopago
        """,
    )
)
_AROUND_LAST_FOUR = _METHODS | {
    "ending",
    "ends",
    "in",
    "with",
    "last",
    "four",
    "no",
    "nr",
    "number",
    "digits",
}
_MASK = re.compile("[*•●·∙…]+|x{2,}|#{2,}|[.]{2,}")
_LAST = 4  # digits that many cards share; fewer where a table of numbers lost the leading zeros
_MOST_UNMASKED = 12  # of a masked card: an issuer's 8 and the last 4
# Tokens for tests hold words where true ones hold random letters and digits.
_TEST_TOKEN = re.compile("(tok|btok|pm|pm_card|src|card|ba)_[a-z_]*[a-z]|fake-[a-z-]*nonce|pm_card_[a-z0-9]+")


def reason_of_payment(value: str) -> str | None:
    """Why a trimmed value names no instrument: a method, the last digits of a card, a test token."""
    lowered = value.lower()
    if re.sub("[ _-]", "", lowered) in _METHODS:
        return PAYMENT_METHOD
    if _TEST_TOKEN.fullmatch(lowered):
        return TEST_VALUE
    return MASKED if _is_masked(lowered) else None


def _is_masked(lowered: str) -> bool:
    """Whether nothing is left of a card's number but its last digits, or its first and its last."""
    rest = _MASK.sub(" ", lowered)
    rest = re.sub("^[a-z]{2}(?=[0-9]{2} )", "", rest)  # the country of a masked IBAN
    words, digits = re.findall("[a-z]+", rest), re.sub("[^0-9]", "", rest)
    if re.search("[^a-z0-9 ()_:/#.,-]|[0-9][a-z]", rest) or not set(words) <= _AROUND_LAST_FOUR:
        return False
    if _MASK.search(lowered):
        return len(digits) <= _MOST_UNMASKED
    # A word with fewer digits, such as card-7, is a token of the provider's own and may name one card.
    return len(digits) == _LAST or (not words and len(digits) < _LAST)


def instrument_sql(column: str) -> str:
    """Condition that holds only of printable texts without a `reason_of_payment`; it may miss some."""
    return (
        f"regexp_matches({column}, '[0-9][a-zA-Z]|([0-9][^0-9]*){{5}}') "
        f"AND NOT regexp_matches(lower({column}), '[*]|xx|##|[.][.]|^pm_card_')"
    )
