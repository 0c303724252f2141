"""One's own passkeys."""

from __future__ import annotations

from signoff import errors as e
from signoff.server import documents as d
from signoff.server.api import bodies as b
from signoff.server.api import passkeys
from signoff.server.api.operation import PERSON, Nothing, Operation

PASSKEYS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/me/passkeys",
        name="listPasskeys",
        summary="List your passkeys, oldest first",
        noun="passkeys",
        who=PERSON,
        answers=d.Passkeys,
        handler=passkeys.read_all,
    ),
    Operation(
        method="POST",
        path="/v1/me/passkeys/challenge",
        name="challengePasskey",
        summary="What to make a passkey with; good for ten minutes and for this key",
        noun="passkeys",
        who=PERSON,
        body=Nothing,
        answers=d.PasskeyRequest,
        handler=passkeys.challenge,
    ),
    Operation(
        method="POST",
        path="/v1/me/passkeys",
        name="addPasskey",
        summary="Keep a passkey that was just made",
        noun="passkeys",
        who=PERSON,
        body=b.NewPasskey,
        answers=d.OnePasskey,
        created=True,
        refusals=(e.AlreadyExists,),
        handler=passkeys.add,
    ),
    Operation(
        method="DELETE",
        path="/v1/me/passkeys/{passkey_id}",
        name="removePasskey",
        summary="Remove a passkey; what it has signed stays signed",
        noun="passkeys",
        who=PERSON,
        answers=d.OnePasskey,
        handler=passkeys.remove,
    ),
)
