# Pins the Sync service. Replacing it forgets every channel: all of them stay alive for ever. And what is not stated
# here keeps its old value in Twilio without a diff.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source = "./tests/mocks"
}

run "every_switch_is_stated" {
  command = plan

  assert {
    condition = [
      twilio_sync_services_v1.ledger.acl_enabled,
      twilio_sync_services_v1.ledger.reachability_debouncing_enabled,
      twilio_sync_services_v1.ledger.reachability_webhooks_enabled,
      twilio_sync_services_v1.ledger.webhooks_from_rest_enabled,
    ] == [true, false, false, false]
    error_message = "Each switch of the Sync service must be given; left out, its value would be unknown in this plan. Only the first may be on: without it every client's token of this account reads and writes the ledger."
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

# With a ledger_sid the plan would ask Twilio, which a mock is not: test/tfdouble sees the service taken over.
run "a_ledger_of_another_kind_is_refused" {
  command = plan

  variables {
    ledger_sid = "CH00000000000000000000000000000000"
  }

  expect_failures = [var.ledger_sid]
}
