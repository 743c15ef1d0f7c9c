"""Why an escalation was opened: the closed list of reason codes, with a sentence for each.

The first nineteen are the codes of the tau2 benchmark's banking transfer tool (sierra-research,
tau2-bench), the sentences and the codes after them are ours. `none` stands on a card made while
nothing has escalated.
"""

REASONS: dict[str, str] = {
    "fraud_or_security_concern": "Possible fraud or a security concern.",
    "account_closure_request": "The customer wants to close an account.",
    "deceased_account_holder": "The account holder has died.",
    "legal_or_regulatory_matter": "A legal or regulatory matter.",
    "account_ownership_dispute": "It is disputed who owns the account.",
    "complex_billing_dispute": "A billing dispute the bot may not settle.",
    "abusive_customer_behavior": "The customer is abusive.",
    "third_party_inquiry": "Somebody asks on another person's behalf.",
    "technical_system_error": "A system the bot depends on failed.",
    "customer_demands_after_unavailable_offer_refusal": (
        "The customer insists on an offer that is not available."
    ),
    "unconfirmed_external_communication": (
        "The customer cites a message or an offer that could not be confirmed."
    ),
    "kb_search_unsuccessful_customer_requests_transfer": (
        "The bot found no answer and the customer asked for a person."
    ),
    "specialized_department_required": "A specialised department is needed.",
    "accessibility_or_special_needs": "The customer has needs the bot cannot meet.",
    "customer_frustrated_demands_human": "The customer is upset and asked for a person.",
    "supervisor_request_service_complaint": (
        "The customer complains about the service and wants a supervisor."
    ),
    "customer_requests_human_no_specific_reason": "The customer asked for a person.",
    "request_completed_customer_wants_human_followup": (
        "The request is done; the customer wants a person to follow up."
    ),
    "other": "Another reason, given in words.",
    "repeated_intent": "The customer keeps coming back with the same request.",
    "bot_stuck": "The bot repeats itself or makes no progress.",
    "not_understood": "The bot does not understand the customer well enough.",
    "tool_failed": "A tool the bot needs keeps failing.",
    "missing_information": "The bot could not obtain a value it needs.",
    "policy": "A policy rule requires a person.",
    "bot_requested": "The bot asked for a person to take over.",
    "safety_emergency": "Somebody may be in danger.",
    "customer_upset": "The customer is upset or about to leave.",
    "formal_complaint": "The customer makes a complaint or speaks of legal steps.",
    "high_value_action": "An action above the limit that the bot may take on its own.",
    "vip_customer": "The customer is entitled to be served by a person first.",
    "language_not_supported": "The customer speaks a language the bot does not.",
    "out_of_scope": "The customer wants something the bot does not do.",
    "poor_connection": "Bot and customer cannot hear each other well.",
    "returning_customer": "The customer was handed over before about the same job.",
    "none": "Nothing has escalated.",
}
"""Reason code to the sentence a human agent reads."""


def sentence(code: str) -> str:
    """Return the sentence for a reason code; an unknown code reads as `other`."""
    return REASONS.get(code, REASONS["other"])
