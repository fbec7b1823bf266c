# The same on the Twilio side, with the life cycles that lose no event.
resource "twilio_sync_services_v1" "ledger" {
  friendly_name                   = var.name
  acl_enabled                     = false
  reachability_webhooks_enabled   = false
  reachability_debouncing_enabled = false
  webhooks_from_rest_enabled      = false
}

resource "twilio_events_sinks_v1" "webhook" {
  description        = var.name
  sink_type          = "webhook"
  sink_configuration = jsonencode({ destination = var.webhook_url, method = "POST", batch_events = false })

  lifecycle { create_before_destroy = true }

  depends_on = [google_cloud_run_v2_service_iam_member.public]
}

resource "twilio_events_subscriptions_v1" "tasks" {
  description = var.name
  sink_sid    = twilio_events_sinks_v1.webhook.sid
  types       = [for t in var.event_types : jsonencode({ type = t, schema_version = 4 })]

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [twilio_events_sinks_v1.webhook.sid]
  }
}
