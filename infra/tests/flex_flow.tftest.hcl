# Pins that the legacy flow is off unless asked for, and that nothing keeps channels alive which the sweep does not see.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "off_by_default" {
  command = plan

  assert {
    condition     = length(twilio_flex_flex_flows_v1.long_lived) == 0
    error_message = "No Flex Flow unless flex_flow is given."
  }
}

run "long_lived_and_without_janitor" {
  command = plan

  variables {
    flex_flow = {
      friendly_name    = "SMS"
      chat_service_sid = "IS00000000000000000000000000000000"
      channel_type     = "sms"
      studio_flow_sid  = "FW00000000000000000000000000000000"
    }
  }

  assert {
    condition     = twilio_flex_flex_flows_v1.long_lived[0].long_lived && !twilio_flex_flex_flows_v1.long_lived[0].janitor_enabled
    error_message = "The janitor ends channels with their tasks, which long-lived channels must outlive."
  }
}

run "only_in_a_service_that_is_swept" {
  command = plan

  variables {
    flex_flow = {
      friendly_name    = "SMS"
      chat_service_sid = "IS22222222222222222222222222222222"
      channel_type     = "sms"
      studio_flow_sid  = "FW00000000000000000000000000000000"
    }
  }

  expect_failures = [twilio_flex_flex_flows_v1.long_lived]
}
