# Pins how secrets are kept and rotated. secret_data in place of secret_data_wo puts them into the state; "latest" in
# place of a version changes them under a running revision; and a second Auth Token that does not reach the webhook
# makes the rotation refuse every event.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "without_a_rotation" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret.this) == 3 && toset(keys(google_secret_manager_secret_version.this)) == toset(["TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN"])
    error_message = "Three slots, two of them filled."
  }

  assert {
    condition     = output.functions.EventStreams.secrets.TWILIO_AUTH_TOKEN == { secret = "flexsweep-test-twilio-auth-token", version = "7" }
    error_message = "A function mounts the very version that was made, not the latest."
  }

  assert {
    condition     = alltrue([for v in google_secret_manager_secret_version.this : v.secret_data == null])
    error_message = "Secrets go by secret_data_wo only."
  }
}

run "during_a_rotation_the_webhook_has_both_tokens" {
  command = plan

  variables {
    twilio_auth_token_secondary         = "othertoken"
    twilio_auth_token_secondary_version = "1"
  }

  assert {
    condition     = contains(keys(output.functions.EventStreams.secrets), "TWILIO_AUTH_TOKEN_SECONDARY") && !contains(keys(output.functions.Sweep.secrets), "TWILIO_AUTH_TOKEN_SECONDARY")
    error_message = "The second token belongs to EventStreams, and to it alone."
  }
}

run "a_new_version_is_a_new_secret_version" {
  command = plan

  variables {
    twilio_auth_token_version = "2026-11"
  }

  assert {
    condition     = google_secret_manager_secret_version.this["TWILIO_AUTH_TOKEN"].secret_data_wo_version == "2026-11" && google_secret_manager_secret_version.this["TWILIO_API_SECRET"].secret_data_wo_version == "1"
    error_message = "Each secret is rotated by its own version."
  }
}

run "a_version_without_its_token_is_refused" {
  command = plan

  variables {
    twilio_auth_token_secondary_version = "1"
  }

  expect_failures = [var.twilio_auth_token_secondary_version]
}

run "a_function_may_have_a_key_of_its_own" {
  command = plan

  variables {
    events_twilio_api_key    = "SK11111111111111111111111111111111"
    events_twilio_api_secret = "eventssecret"
    sweep_twilio_api_key     = "SK22222222222222222222222222222222"
    sweep_twilio_api_secret  = "sweepsecret"
  }

  assert {
    condition = [for name in ["EventStreams", "Sweep"] : [output.functions[name].environment.TWILIO_API_KEY, output.functions[name].secrets.TWILIO_API_SECRET.secret]] == [
      ["SK11111111111111111111111111111111", "flexsweep-test-events-twilio-api-secret"],
      ["SK22222222222222222222222222222222", "flexsweep-test-sweep-twilio-api-secret"],
    ]
    error_message = "Each function must get its own key and the place of that key's secret."
  }

  assert {
    condition     = output.twilio_api_key == var.twilio_api_key && contains(keys(google_secret_manager_secret_version.this), "TWILIO_API_SECRET")
    error_message = "Terraform and the operators keep the first key, and its secret stays where they look for it."
  }
}

run "without_one_it_shares_terraforms" {
  command = plan

  assert {
    condition     = alltrue([for f in output.functions : f.environment.TWILIO_API_KEY == var.twilio_api_key && f.secrets.TWILIO_API_SECRET.secret == "flexsweep-test-twilio-api-secret"])
    error_message = "A key is shared, with its own secret, unless another is given."
  }
}

run "a_key_without_its_secret_is_refused" {
  command = plan

  variables {
    sweep_twilio_api_key = "SK22222222222222222222222222222222"
  }

  expect_failures = [var.sweep_twilio_api_secret]
}

run "another_projects_number_is_refused" {
  command = plan

  variables {
    project_number = "200000000000"
  }

  override_resource {
    target          = google_secret_manager_secret.ledger
    override_during = plan
    values          = { name = "projects/100000000000/secrets/any" }
  }

  expect_failures = [google_secret_manager_secret.ledger]
}
