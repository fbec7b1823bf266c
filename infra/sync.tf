# The ledger: one document per channel. It has no delete protection of its own in Twilio.
resource "twilio_sync_services_v1" "ledger" {
  friendly_name = local.name

  # All stated: what is removed here would keep its old value in Twilio, without a diff.
  acl_enabled                     = false # only the functions read it, by REST, where ACLs do not apply
  reachability_debouncing_enabled = false
  reachability_webhooks_enabled   = false
  webhooks_from_rest_enabled      = false

  lifecycle {
    prevent_destroy = true
  }
}
