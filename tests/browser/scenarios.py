"""Eight tasks and their people, as data: what is asked, got wrong first, and answered then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from playwright.async_api import Locator

from signoff.core.words import TaskType

Role = Literal["radiogroup", "group"]


@dataclass(frozen=True, slots=True)
class Fill:
    """Type a text into the field of this label."""

    label: str
    text: str

    async def do(self, form: Locator) -> None:
        await form.get_by_label(self.label).fill(self.text)


@dataclass(frozen=True, slots=True)
class Tick:
    """Tick a box, or pick one of several."""

    label: str

    async def do(self, form: Locator) -> None:
        await form.get_by_label(self.label).check()


@dataclass(frozen=True, slots=True)
class Choose:
    """Choose from a list that folds out."""

    label: str
    option: str

    async def do(self, form: Locator) -> None:
        await form.get_by_label(self.label).select_option(self.option)


Step: TypeAlias = Fill | Tick | Choose


@dataclass(frozen=True, slots=True)
class Beside:
    """The field an error stands beside, by its label, and words of the error.

    :param group: what it is where it is several controls with one legend.
    """

    label: str
    says: str
    group: Role | None = None

    def field(self, form: Locator) -> Locator:
        if self.group is None:
            return form.get_by_label(self.label)
        return form.get_by_role(self.group, name=self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One task of one type, and one person with it.

    :param reads: what they see before they answer, in the body of the page.
    :param mistake: what they do first, before they press ``button``.
    :param right: what they do then, before they press it again.
    :param data: the decision's data as the agent reads it.
    """

    kind: TaskType
    title: str
    fields: Mapping[str, Any]
    reads: tuple[str, ...]
    mistake: tuple[Step, ...]
    error: Beside
    right: tuple[Step, ...]
    button: str
    outcome: str
    data: Any = None
    comment: str | None = None
    evidence: tuple[str, ...] = ()
    payload: Mapping[str, Any] | None = field(default=None)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        kind=TaskType.APPROVAL,
        title="Refund 240.00 EUR to Lena Brandt?",
        fields={
            "description": "The lamp arrived broken. The customer sent two photos and asks for all "
            "of the money back.",
            "editable": True,
            "action": {
                "name": "refund",
                "arguments": {
                    "amount": 240,
                    "currency": "EUR",
                    "customer": "cus_123",
                    "order": "A52390",
                },
                "schema": {
                    "type": "object",
                    "required": ["amount", "currency", "customer", "order"],
                    "properties": {
                        "amount": {"type": "number", "title": "Amount", "maximum": 300},
                        "currency": {"const": "EUR", "title": "Currency"},
                        "customer": {"type": "string", "title": "Customer"},
                        "order": {"type": "string", "title": "Order"},
                    },
                },
            },
        },
        reads=("What will run", "refund", "cus_123", "The lamp arrived broken."),
        mistake=(Fill("Amount", "2400"),),
        error=Beside("Amount", "300"),
        right=(Fill("Amount", "200"), Fill("Comment", "The shade is whole, so 200.")),
        button="Approve",
        outcome="approved",
        data={
            "arguments": {
                "amount": 200,
                "currency": "EUR",
                "customer": "cus_123",
                "order": "A52390",
            },
            "edited": True,
            "original": {
                "amount": 240,
                "currency": "EUR",
                "customer": "cus_123",
                "order": "A52390",
            },
        },
        comment="The shade is whole, so 200.",
    ),
    Scenario(
        kind=TaskType.REVIEW,
        title="Send this letter to Nordlicht Logistik?",
        fields={
            "content": "Dear Ms Brandt,\n\nyour refund of 200.00 EUR is on its way. It takes "
            "two to three working days.\n\nKind regards\nThe refund desk",
        },
        reads=("The draft", "Dear Ms Brandt,", "The refund desk"),
        mistake=(),
        error=Beside("Comment", "Say why"),
        right=(Fill("Comment", "We refund once; do not write to the carrier."),),
        button="Reject",
        outcome="rejected",
        comment="We refund once; do not write to the carrier.",
    ),
    Scenario(
        kind=TaskType.CONFIRMATION,
        title="Has the wire from Hakone Trading arrived?",
        fields={
            "statement": "12,400.00 EUR from Hakone Trading are on our account at Fjord Bank.",
            "phrase": "12,400 EUR arrived",
        },
        reads=("Is this so?", "12,400.00 EUR from Hakone Trading"),
        mistake=(Fill("Type the phrase", "12.400 EUR arrived"),),
        error=Beside("Type the phrase", "12,400 EUR arrived"),
        right=(Fill("Type the phrase", "12,400 EUR arrived"),),
        button="Confirm",
        outcome="confirmed",
        data={"phrase": "12,400 EUR arrived"},
    ),
    Scenario(
        kind=TaskType.ASSIGNMENT,
        title="Who looks into the fraud report R-0415?",
        fields={"candidates": ["sam@acme.test", "group:fraud-desk", "role:operator"]},
        reads=("Who takes it?", "fraud-desk"),
        mistake=(),
        error=Beside("Who takes it?", "Choose one of the options", group="radiogroup"),
        right=(Tick("group:fraud-desk"),),
        button="Assign",
        outcome="assigned",
        data={"assignee": "group:fraud-desk"},
    ),
    Scenario(
        kind=TaskType.FORM,
        title="New bank details of Nordlicht Logistik",
        fields={
            "schema": {
                "type": "object",
                "required": ["iban", "holder", "called_back"],
                "properties": {
                    "iban": {
                        "type": "string",
                        "title": "IBAN",
                        "description": "From their letter head, not from the mail.",
                        "minLength": 15,
                        "maxLength": 34,
                    },
                    "holder": {"type": "string", "title": "Account holder"},
                    "from": {"type": "string", "format": "date", "title": "Valid from"},
                    "called_back": {
                        "type": "boolean",
                        "title": "I have called them back",
                        "default": False,
                    },
                },
            },
            "initial": {"holder": "Nordlicht Logistik GmbH"},
        },
        reads=("IBAN", "From their letter head", "Account holder"),
        mistake=(Fill("IBAN", "DE02"),),
        error=Beside("IBAN", "15"),
        right=(
            Fill("IBAN", "DE02120300000000202051"),
            Fill("Valid from", "2026-12-01"),
            Tick("I have called them back"),
        ),
        button="Submit",
        outcome="submitted",
        data={
            "iban": "DE02120300000000202051",
            "holder": "Nordlicht Logistik GmbH",
            "from": "2026-12-01",
            "called_back": True,
        },
    ),
    Scenario(
        kind=TaskType.CLARIFICATION,
        title="Which currency was order A52390 in?",
        fields={
            "question": "The invoice says 240.00, and the shop sells in three currencies. "
            "Which one was it?",
            "choices": ["EUR", "USD", "GBP"],
        },
        reads=("The question", "three currencies"),
        mistake=(),
        error=Beside("Your answer", "Choose one of the options", group="radiogroup"),
        right=(Tick("EUR"),),
        button="Send answer",
        outcome="answered",
        data={"answer": "EUR"},
    ),
    Scenario(
        kind=TaskType.MANUAL_ACTION,
        title="Answer the card dispute D-4711",
        fields={
            "instructions": "Answer the dispute in the card processor's portal before Thursday.",
            "checklist": ["Photos uploaded", "Tracking number entered"],
            "evidence": "required",
        },
        reads=("What to do", "card processor's portal", "Tracking number entered"),
        mistake=(Tick("Photos uploaded"), Fill("Evidence", "D-4711")),
        error=Beside("Checklist", "Tracking number entered", group="group"),
        right=(Tick("Tracking number entered"),),
        button="Mark as done",
        outcome="completed",
        data={"done": ["Photos uploaded", "Tracking number entered"]},
        evidence=("D-4711",),
    ),
    Scenario(
        kind=TaskType.OVERRIDE,
        title="Take the refunds of cus_123 out of my hands?",
        fields={"reason": "Somebody else uses this account right now: nine refunds in an hour."},
        reads=("Why a takeover is asked for", "nine refunds in an hour"),
        mistake=(Tick("Stop the run"),),
        error=Beside("Justification", "Say why"),
        right=(Fill("Justification", "The account is frozen."),),
        button="Take over",
        outcome="overridden",
        data={"action": "stop"},
        comment="The account is frozen.",
    ),
)
