# One list and one subscription: a change of either makes a new subscription before the old one goes, so no event
# is lost, and those of the overlap come twice, which the ledger does not mind. The types are what
# cloudfunction/eventstream understands (event_types.tf.json).
resource "twilio_events_subscriptions_v1" "tasks" {
  description = local.name
  sink_sid    = twilio_events_sinks_v1.webhook.sid
  types       = [for type in local.event_types : jsonencode({ type = type })]

  lifecycle {
    create_before_destroy = true
    # Twilio no longer lets a subscription move to another sink, though the provider still tries.
    # The attribute, not the resource: a new description of the sink is no reason.
    replace_triggered_by = [twilio_events_sinks_v1.webhook.sid]
  }
}
