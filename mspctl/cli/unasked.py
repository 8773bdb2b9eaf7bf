"""What `mspctl call` and `mspctl invoice` say unasked, on stderr: what would else be found too late."""

from typing import TYPE_CHECKING

from mspctl.cli.session import Session

if TYPE_CHECKING:
    from mspctl.desk.calls import Call


def tell_low(session: Session, call: "Call") -> None:
    """Whoever has just used the last hours hears of it."""
    from mspctl.cli.invoicebook import told  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.costs import advance_of  # noqa: PLC0415 - as above

    found = advance_of(session.app, call.client)
    if found is not None and found.balance.low:
        session.console.error(f"mspctl: {told(found)}")


def tell_unpriced(session: Session, call: "Call") -> None:
    """A typing error in a skill or a type of work is no price."""
    from mspctl.wiring.overtaken import unpriced_words  # noqa: PLC0415 - as above

    for sentence in unpriced_words(session.app, call):
        session.console.error(f"mspctl: {sentence}")


def tell_overtaken(session: Session, client: str, call: "Call | None" = None) -> None:
    """Work that came after its invoice is on none, unless somebody does something about it."""
    from mspctl.wiring.overtaken import overtaken_invoices  # noqa: PLC0415 - as above

    for each in overtaken_invoices(session.app, client, call):
        told = (
            f"billed {each.billed} {each.currency} for work and blocks of hours of {each.month},"
            f" which is {each.now} by now"
        )
        if each.billed == each.now:
            told = f"says that {each.paid} {each.currency} of the work of {each.month} was paid before,"
            told += f" which is {each.paid_now} by now"
        session.console.error(
            f"mspctl: {each.invoice} {told}; take it back with `mspctl invoice credit {each.invoice}`"
            " and approve the month anew"
        )
