# For contact centres that still use legacy messaging, where a Flex Flow decides whether the channels it makes are
# long-lived. Flex Conversations has no such thing: leave var.flex_flow null there.
resource "twilio_flex_flex_flows_v1" "long_lived" {
  count = var.flex_flow == null ? 0 : 1

  friendly_name        = var.flex_flow.friendly_name
  chat_service_sid     = var.flex_flow.chat_service_sid
  channel_type         = var.flex_flow.channel_type
  contact_identity     = var.flex_flow.contact_identity
  integration_type     = "studio"
  integration_flow_sid = var.flex_flow.studio_flow_sid
  enabled              = true
  long_lived           = true
  # The janitor ends a channel with its task, which is what long_lived is there to prevent.
  janitor_enabled = false

  lifecycle {
    precondition {
      condition     = contains(var.chat_service_sids, var.flex_flow.chat_service_sid)
      error_message = "The flow's chat_service_sid is not in chat_service_sids, so its channels would be kept alive and never be retired. Add it there."
    }
  }
}
