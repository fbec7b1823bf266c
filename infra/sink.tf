# Twilio can change only a sink's description; another URL is another sink. What the sink is made of is kept
# here, and not compared with what Twilio answers: an added key or a masked value there would
# replace the sink at every apply.
#
# Neither this nor the sink may depend on the function, not even by way of others: create_before_destroy is forced on
# everything beneath a resource that has it, and a function which failed is then in the way of its successor for ever.
resource "terraform_data" "sink_configuration" {
  input = {
    destination  = local.webhook_url
    method       = "POST"
    batch_events = false
  }
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
