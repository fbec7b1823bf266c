# The ledger: one document per channel. It has no delete protection of its own in Twilio.
resource "twilio_sync_services_v1" "ledger" {
  friendly_name = local.name

  # All stated: what is removed here would keep its old value in Twilio, without a diff.
  acl_enabled                     = true # no client's token reaches it; the functions' REST calls are not subject to it
  reachability_debouncing_enabled = false
  reachability_webhooks_enabled   = false
  webhooks_from_rest_enabled      = false

  lifecycle {
    prevent_destroy = true

    postcondition {
      condition     = var.ledger_sid == null || self.sid == var.ledger_sid
      error_message = "ledger_sid names another Sync service than the one in the state. To change over, forget that one first (terraform state rm twilio_sync_services_v1.ledger); it is not deleted."
    }
  }
}

# A ledger that is there already, as after a lost state, is taken over. Once it is in the state this does nothing.
import {
  for_each = var.ledger_sid == null ? toset([]) : toset([var.ledger_sid])
  to       = twilio_sync_services_v1.ledger
  id       = each.key
}
