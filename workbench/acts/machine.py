"""The states of an act (acta de conciliación de saldos) and every move between them.

Draft → Sent → Acknowledged → Responded (agrees | differs | silent) → In analysis → Agreed → Signed by us →
Signed by both → Closed; a signed act whose items change is Reopened. Who keeps silent comes to Alternative
procedure (evidence from elsewhere, no confirmation), and may still answer. What is no longer right is never
changed: it is Replaced by the next version. Source: DOMAIN, section 8.
"""

from __future__ import annotations

from ..cases import Machine, Move
from . import guards

KIND = "act"
#: From the first signature on: what the book says of the cut-off must stay what was signed.
SIGNED = ("signed_us", "signed_both", "closed")
#: Confirmed by the customer: nothing else counts as coverage.
CONFIRMED = ("signed_both", "closed")
#: Not yet signed and still of use; a newer version may replace them.
UNSIGNED = ("draft", "sent", "acknowledged", "responded", "alternative", "in_analysis", "agreed")
#: Waiting for the customer's answer.
WAITING = ("sent", "acknowledged")

_SIGNATURE = ("signer_name", "signer_role", "signer_id", "place", "how", "content_sha256", "file_sha256")

MACHINE = Machine(
    KIND,
    "draft",
    (
        Move("send", frozenset({"draft"}), "sent",
             needs=("sent_to", "channel", "reminder_dates", "silent_date", "content_sha256", "file_sha256"),
             guard=guards.days_of_sending),
        Move("acknowledge", frozenset({"sent"}), "acknowledged", needs=("acknowledged_by",),
             guard=guards.not_before_the_last),
        Move("remind", frozenset({"sent"}), "sent", needs=("sent_to", "channel"), guard=guards.reminder_due),
        Move("remind", frozenset({"acknowledged"}), "acknowledged", needs=("sent_to", "channel"),
             guard=guards.reminder_due),
        Move("respond", frozenset({*WAITING, "responded", "alternative", "in_analysis"}), "responded",
             needs=("answer", "answered_by"), guard=guards.answer_is_whole),
        Move("declare_silent", frozenset(WAITING), "responded", guard=guards.silence_is_over),
        Move("record_alternative", frozenset({"responded", "alternative"}), "alternative",
             needs=("procedure", "reason"), guard=guards.silent_only),
        Move("analyse", frozenset({"responded", "in_analysis"}), "in_analysis", guard=guards.has_an_answer),
        Move("agree", frozenset({"responded", "in_analysis"}), "agreed",
             needs=("content_sha256", "file_sha256"), guard=guards.agreement_is_whole),
        Move("sign_us", frozenset({"agreed"}), "signed_us", needs=_SIGNATURE, unlike=("open",),
             guard=guards.our_signature),
        Move("sign_both", frozenset({"signed_us"}), "signed_both", needs=_SIGNATURE,
             guard=guards.their_signature),
        Move("close", frozenset({"signed_both"}), "closed", guard=guards.both_signatures),
        Move("reopen", frozenset(SIGNED), "reopened", needs=("reason",), guard=guards.not_before_the_last),
        Move("replace", frozenset({*UNSIGNED, "reopened"}), "replaced", needs=("replaced_by",),
             guard=guards.another_act),
    ),
)  # fmt: skip
