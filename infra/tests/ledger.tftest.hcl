# Pins the Sync service. Replacing it forgets every channel: all of them stay alive for ever. And what is not stated
# here keeps its old value in Twilio without a diff.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source = "./tests/mocks"
}

run "every_switch_is_stated_and_off" {
  command = plan

  assert {
    condition = [
      twilio_sync_services_v1.ledger.acl_enabled,
      twilio_sync_services_v1.ledger.reachability_debouncing_enabled,
      twilio_sync_services_v1.ledger.reachability_webhooks_enabled,
      twilio_sync_services_v1.ledger.webhooks_from_rest_enabled,
    ] == [false, false, false, false]
    error_message = "Each switch of the Sync service must be given as false; left out, its value would be unknown in this plan."
  }
}

run "it_cannot_be_destroyed_by_accident" {
  command = plan

  module {
    source = "./tests/source"
  }

  assert {
    condition     = can(regex("prevent_destroy\\s*=\\s*true", output.files["sync.tf"]))
    error_message = "prevent_destroy is the only guard that the ledger has."
  }
}
