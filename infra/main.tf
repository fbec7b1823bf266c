# flexsweep in one account of Twilio and one project of Google Cloud. In the order of the flow:
#
#   services, accounts, secrets, source   what everything else stands on
#   sync                                  the ledger
#   functions                             EventStreams (public) and Sweep (private), one bundle
#   sink, subscription                    Twilio's events to EventStreams
#   scheduler                             the clock's tick to Sweep
#   flex_flow                             optional: a long-lived flow for legacy messaging
#   monitoring_*                          metrics, dashboard, alerts

locals {
  name = "${var.name_prefix}-${var.environment}"

  function_names = {
    EventStreams = "${local.name}-events"
    Sweep        = "${local.name}-sweep"
  }

  # Whoever names the project by this local waits until its services answer.
  # The value is that of the configuration, so it is known when planning.
  project_id = time_sleep.services.triggers.project

  # Computed from names, not read from the function: the function needs it among its settings, and
  # an URL unknown at plan time would replace sink and subscription whenever the function changes.
  # It has a path so that nobody on the way can add or drop a trailing slash: Twilio signs the text.
  computed_webhook_url = join("", [
    "https://", local.function_names.EventStreams, "-", var.project_number, ".", var.region, ".run.app/event-streams",
  ])
  webhook_url = coalesce(var.webhook_url_override, local.computed_webhook_url)

  # What the function accepts. Google's URL always, so that an override can come and go without a moment in
  # which the sink still has the one and the function only knows the other: refused events come again for four hours only.
  webhook_urls = distinct(concat([local.webhook_url, local.computed_webhook_url], var.accepted_webhook_urls))
}
