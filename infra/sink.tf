# Twilio can change only a sink's description; another URL is another sink. What the sink is made of is kept
# here, and not compared with what Twilio answers: an added key or a masked value there would
# replace the sink at every apply.
resource "terraform_data" "sink_configuration" {
  input = {
    destination  = local.webhook_url
    method       = "POST"
    batch_events = false
  }

  # No events before the function is there to take them.
  depends_on = [module.event_streams]
}

resource "twilio_events_sinks_v1" "webhook" {
  description        = local.name
  sink_type          = "webhook"
  sink_configuration = jsonencode(terraform_data.sink_configuration.input)

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [sink_configuration]
    replace_triggered_by  = [terraform_data.sink_configuration]
  }
}
