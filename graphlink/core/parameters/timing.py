"""Joint behaviour in time: lives of accounts, lockstep, succession, load balancing and sign-up bursts."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


@dataclass(frozen=True, slots=True)
class Timing:
    """Starts of activity, and what several behaviours in time need.

    Attributes:
        silence_s: Silence after which the next activity is a new start.
        resolution_share: Share of the times that are multiples of a unit, from which times are exact to it
            only.
        scales_s: Time by which two starts may differ and still coincide.
        near_s: Smallest shift of the null within the hours around; starts nearer than that may be joint.
        far_s: Largest shift of the null within the hours around.
        least_days: Days on which a pair has to coincide.
        least_bits: Bits of a behaviour below which it is left out.
        false_discovery: False discovery rate (Benjamini and Hochberg) over all pairs that were tested.
        clock_gaps: Gaps between starts from which an account may count as run by the clock.
        clock_share: Share of them of at most three lengths, from which it is.
    """

    silence_s: int = parameter(600, 10, 86_400, "s", chosen("longer than pauses within one use of a tool"))
    resolution_share: float = parameter(
        0.9, 0.5, 0.9999, "(share)", chosen("some times of a coarse log are exact by another source")
    )
    scales_s: tuple[int, ...] = parameter(
        (10, 40, 160, 600), 1, 7_200, "s", chosen("from clocks in step to queues that are worked off")
    )
    near_s: int = parameter(1_800, 60, 43_200, "s", chosen("beyond the widest scale of a coincidence"))
    far_s: int = parameter(7_200, 120, 86_400, "s", chosen("within two hours habits of the day are the same"))
    least_days: int = parameter(3, 1, 365, "days", chosen("one launch or one outage is no habit"))
    least_bits: float = parameter(0.5, 0.01, 20.0, "bits", chosen("less moves no decision"))
    false_discovery: float = parameter(0.05, 1e-6, 0.5, "(rate)", chosen("the usual rate"))
    clock_gaps: int = parameter(8, 3, 1_000, "gaps", chosen("of fewer, three lengths are no surprise"))
    clock_share: float = parameter(
        0.8, 0.1, 1.0, "(share)", chosen("a step leaves three gaps (Steinhaus; Sos 1958), less jitter")
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Lives:
    """When an account counts as begun and as ended, where no table of accounts gives it.

    Attributes:
        unseen_days: Time from the beginning of the data after which a first activity counts as a birth.
        silent_days: Time before the end of the data by which a last activity may count as an end.
        silent_gaps: Further mean gaps between its activities that have to have passed.
    """

    unseen_days: int = parameter(3, 0, 365, "days", elicited("most accounts in use are seen within days"))
    silent_days: int = parameter(7, 0, 365, "days", elicited("a week's pause is usual, also for the busy"))
    silent_gaps: int = parameter(5, 0, 1_000, "gaps", elicited("the less active, the longer a usual pause"))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Lockstep:
    """Two accounts that start at the same moments.

    Attributes:
        prior: Share of one operator's pairs that act in lockstep.
        joint_shares: Share of an account's starts that are joint, under one operator; equally likely.
        promising: Chance of the time bins that two accounts share, below which the pair is tested.
        schedule_hours: Hours by which accounts are shifted against themselves, from 1 to this.
        schedule_days: Days by which accounts are shifted against themselves, from 1 to this.
        profile_count: Coincidences that what two daily profiles would give weighs as much as.
        no_schedule: Chance, by the hours, below which meeting itself at shifts is a schedule.
        most_size: Size of the negative binomial null at most.
        rate_width: Width over which the density of discoveries is smoothed, in the log of their chance.
        bits_each: The most that one coincidence may say.
        most_bits: The most that lockstep may say.
    """

    prior: float = parameter(0.1, 1e-6, 0.9, "(probability)", elicited("most operators stagger their jobs"))
    joint_shares: tuple[float, ...] = parameter(
        (0.03, 0.06, 0.12, 0.25, 0.5, 0.9), 0.001, 0.999, "(share)",
        elicited("from now and then one job for both to one job for all"),
    )  # fmt: skip
    promising: float = parameter(1e-3, 1e-9, 0.5, "(probability)", chosen("testing costs more than counting"))
    schedule_hours: int = parameter(6, 1, 12, "h", chosen("a job at a full hour meets itself within hours"))
    schedule_days: int = parameter(14, 1, 60, "days", chosen("two of each day of the week"))
    profile_count: float = parameter(4.0, 0.1, 1_000.0, "coincidences", chosen("a few are a poor rate"))
    no_schedule: float = parameter(0.05, 1e-6, 0.5, "(probability)", chosen("the usual level"))
    most_size: float = parameter(
        20.0, 1.0, 10_000.0, "counts", elicited("counts of people spread wider than Poisson's")
    )
    rate_width: float = parameter(1.0, 0.1, 10.0, "log(p)", chosen("a few discoveries show no finer density"))
    bits_each: float = parameter(4.0, 0.1, 30.0, "bits", elicited("something outside may have set both off"))
    most_bits: float = parameter(
        18.0, 0.1, 60.0, "bits", elicited("what lockstep by a habit that no null here knows leaves")
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class CrewBeats:
    """Accounts that start at the moments at which several accounts of a crew start.

    Attributes:
        prior: Share of the accounts of an operator with a crew that keep its beat.
        least_members: Accounts in lockstep that are a crew.
        most_members: Accounts of a crew whose starts make its beat.
        member_bits: Bits from which two accounts in lockstep, or an account on a beat, are of a crew.
        moment_s: Time around a start within which others make a moment with it.
        moment_chance: Chance, by the hours around, of as many starts, up to which they make a moment.
        near_s: Smallest shift of the null that keeps the hour; the largest is that of `Timing.near_s`.
        least_days: Days with a moment, from which moments are a beat.
        false_discovery: False discovery rate over all accounts and crews that were tested.
        carried: Share of an account's sightings of a kind from which an identifier may set its beat.
        least_others: Other holders of an identifier from which it may be what sets a beat.
        most_asked: Holders of an identifier, drawn by their names, of which this is asked.
        others_share: Share of them that keep the beat, beyond chance, from which it is.
        set_share: Share of those who start often at an address that start there together, from which the
            address may set their beat.
        own_share: Share of them that often start where none of the others does, from which it does.
        rounds: Times that beats are made and tested, each with the accounts that the last one gave.
        bits_each: The most that a day with a coincidence may say.
        most_bits: The most that the beat of a crew may say.
        hubs: Accounts of a crew, the most regular, that others are paired with.
        links_each: Accounts that each is paired with.
    """

    prior: float = parameter(
        0.5, 1e-6, 0.99, "(probability)", elicited("who runs jobs runs them on most of the accounts")
    )
    least_members: int = parameter(3, 3, 1_000, "accounts", chosen("two are a pair, which is tested as such"))
    most_members: int = parameter(100, 3, 10_000, "accounts", chosen("more make no more moments"))
    member_bits: float = parameter(
        8.0, 0.5, 60.0, "bits", chosen("false members would lend the beat their own moments")
    )
    moment_s: int = parameter(
        240,
        1,
        7_200,
        "s",
        elicited("jobs are handed out within minutes"),
    )
    moment_chance: float = parameter(0.05, 1e-6, 0.5, "(probability)", chosen("the usual level"))
    near_s: int = parameter(
        900, 60, 43_200, "s", chosen("beyond the widest scale, and within a lesson or a meeting")
    )
    least_days: int = parameter(
        10, 2, 365, "days", elicited("the days of a course, or outages that set everybody off, are fewer")
    )
    false_discovery: float = parameter(
        0.01, 1e-6, 0.5, "(rate)", chosen("who is on a beat is tied to a crew, not to one account")
    )
    carried: float = parameter(0.2, 0.001, 1.0, "(share)", elicited("a router has a handful of exits"))
    least_others: int = parameter(5, 1, 10_000, "accounts", chosen("fewer show no habit of a router"))
    most_asked: int = parameter(
        1_000, 100, 1_000_000, "accounts", chosen("their share is known to within three points")
    )
    others_share: float = parameter(
        0.5, 0.05, 0.99, "(share)", elicited("a router sets off all; of a crew few are left among others")
    )
    set_share: float = parameter(
        0.8, 0.5, 0.99, "(share)", elicited("a caller for all sets all off; a router has other customers")
    )
    own_share: float = parameter(
        0.3,
        0.05,
        0.95,
        "(share)",
        elicited("customers have homes; an operator's accounts share all they use"),
    )
    rounds: int = parameter(2, 1, 10, "rounds", chosen("later rounds add few"))
    bits_each: float = parameter(4.0, 0.1, 30.0, "bits", elicited("as for one coincidence of a pair"))
    most_bits: float = parameter(
        18.0, 0.1, 60.0, "bits", elicited("what a beat by a habit that no null here knows leaves")
    )
    hubs: int = parameter(20, 1, 1_000, "accounts", chosen("enough to meet one at nearly each moment"))
    links_each: int = parameter(4, 1, 100, "accounts", chosen("a crew holds together though some leave"))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Succession:
    """One account that ends and another that soon begins on a resource of the first.

    Attributes:
        prior: Share of one operator's pairs, one ended and one begun on a resource, that replace each other.
        silent_prior: The same where no account has a time of closing, so that an end is mere silence, and
            where it was closed for another reason than abuse.
        replaced_places: Share of the resources of a closed account on which others than it replace theirs.
        returning_strangers: Share of such resources on which strangers come back, each after a closing of
            their own, and no operator.
        replaced_shares: Share of the closed accounts on a resource that are replaced; equally likely.
        mean_delays_h: Mean delay of a replacement; equally likely.
        longest_delay_h: Longest delay of a replacement.
        early_h: Time before the end from which a birth may be the replacement.
        left_days: Time before its end within which the ended account was last on the resource.
        quietest_days: No resource is taken as quieter than one birth in this time.
        most_births: Births per day on a resource beyond which it names no successor.
        most_bits: The most that one succession may say; further ones on its resource add to it.
    """

    prior: float = parameter(0.3, 1e-6, 0.99, "(probability)", elicited("operators replace what is banned"))
    silent_prior: float = parameter(
        0.05, 1e-6, 0.99, "(probability)", elicited("most accounts that fall silent are not replaced")
    )
    replaced_places: float = parameter(
        0.02,
        1e-4,
        0.5,
        "(share)",
        elicited("few places of closed accounts are those of somebody who replaces"),
    )
    returning_strangers: float = parameter(
        0.1,
        1e-4,
        0.9,
        "(share)",
        elicited("a provider may close a place's accounts, whose holders come back"),
    )
    replaced_shares: tuple[float, ...] = parameter(
        (0.3, 0.6, 0.9),
        0.01,
        0.999,
        "(share)",
        elicited("from some of the accounts to a fresh one each time"),
    )
    mean_delays_h: tuple[float, ...] = parameter(
        (2.0, 8.0, 48.0), 0.01, 2_000.0, "h", elicited("by program, by the next shift, by hand")
    )
    longest_delay_h: int = parameter(72, 1, 2_000, "h", elicited("banned accounts are replaced within days"))
    early_h: int = parameter(1, 0, 720, "h", chosen("times of closing are logged late"))
    left_days: int = parameter(30, 1, 3_650, "days", chosen("who left long before its end left nothing"))
    quietest_days: int = parameter(30, 1, 3_650, "days", chosen("few births give a poor rate"))
    most_births: int = parameter(4, 1, 10_000, "births per day", chosen("then somebody always follows"))
    most_bits: float = parameter(5.0, 0.1, 30.0, "bits", elicited("people of one place come and go, too"))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class LoadBalancing:
    """Two accounts on one resource that take turns.

    Attributes:
        prior: Share of one operator's pairs on a resource between which calls go round.
        break_shares: Share of starts that follow one's own, when calls go round; equally likely.
        least_turns: Starts of each of the two while both lived.
        most_breaks: Share of starts that follow one's own above which a pair is not tested.
        shift_days: Days by which one is shifted for the null, either way from 1 to this.
        most_bits: The most that taking turns may say.
    """

    prior: float = parameter(0.1, 1e-6, 0.9, "(probability)", elicited("few operators rotate call by call"))
    break_shares: tuple[float, ...] = parameter(
        (0.005, 0.03, 0.08, 0.15), 1e-4, 0.49, "(share)", elicited("from strict rotation to a loose one")
    )
    least_turns: int = parameter(12, 2, 10_000, "starts", chosen("fewer take turns by chance"))
    most_breaks: float = parameter(0.2, 0.01, 0.5, "(share)", chosen("beyond it nobody takes turns"))
    shift_days: int = parameter(7, 1, 60, "days", chosen("each day of the week"))
    most_bits: float = parameter(10.0, 0.1, 60.0, "bits", elicited("one queue may feed two honest accounts"))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class SignupBursts:
    """Accounts on one resource that were created within days of each other.

    Attributes:
        longest_gap_days: Time between two sign-ups of one burst.
        window_days: Time around a sign-up within which those of everybody are counted.
        least_accounts: Accounts of a burst.
        most_bits: The most that a burst may say.
    """

    longest_gap_days: int = parameter(3, 1, 365, "days", elicited("accounts of one batch are made at once"))
    window_days: int = parameter(7, 1, 365, "days", chosen("all days of the week"))
    least_accounts: int = parameter(3, 2, 1_000, "accounts", elicited("couples sign up together"))
    most_bits: float = parameter(
        3.0, 0.1, 30.0, "bits", elicited("members of a household sign up in one burst, too")
    )

    def __post_init__(self) -> None:
        check_fields(self)
