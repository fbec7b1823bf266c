# Pins what a plan refuses. `terraform validate` and the providers let all of this pass; Google and Twilio refuse some of it
# halfway through an apply, and the functions the rest at their start, when the old revision may be gone.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

# The other side of every limit below, so that a rule which refuses everything is seen too.
run "what_lies_just_within_the_limits_passes" {
  command = plan

  variables {
    environment                    = "t-2"
    name_prefix                    = "exactly-18-letters"
    schedule                       = "0 4 1-15 * MON"
    runtime                        = "go127"
    sweep_timeout_seconds          = 1740
    sweep_attempt_deadline_seconds = 1800
    sweep_retry_count              = 0
    retention                      = "1h"
    retention_by_channel_type      = { web = "60m", whatsapp = "24h" }
    quiet_period                   = "0s"
    chat_disposition               = "delete"
    conversations_disposition      = "delete"
    max_unexplained                = 1
    tombstone_ttl                  = "24h"
    twilio_requests_per_second     = 10
    events_max_instances           = 1
    events_min_instances           = 1
    twilio_base_url                = "http://localhost:8080"
  }

  assert {
    condition     = output.name == "exactly-18-letters-t-2"
    error_message = "Names are prefix and environment."
  }
}

run "a_cron_of_four_fields_is_refused" {
  command = plan

  variables {
    schedule = "*/15 * * *"
  }

  expect_failures = [var.schedule]
}

run "a_cron_with_a_command_is_refused" {
  command = plan

  variables {
    schedule = "*/15 * * * * curl"
  }

  expect_failures = [var.schedule]
}

run "a_runtime_that_cannot_build_the_code_is_refused" {
  command = plan

  variables {
    runtime = "go124"
  }

  expect_failures = [var.runtime]
}

run "a_runtime_that_does_not_exist_is_refused" {
  command = plan

  variables {
    runtime = "go1.26"
  }

  expect_failures = [var.runtime]
}

run "a_name_too_long_for_an_account_is_refused" {
  command = plan

  variables {
    name_prefix = "a-very-long-prefix-indeed"
  }

  expect_failures = [var.name_prefix]
}

run "an_environment_in_capitals_is_refused" {
  command = plan

  variables {
    environment = "Prod"
  }

  expect_failures = [var.environment]
}

run "a_project_number_that_is_an_id_is_refused" {
  command = plan

  variables {
    project_number = "flexsweep-test"
  }

  expect_failures = [var.project_number]
}

run "a_zone_for_a_region_is_refused" {
  command = plan

  variables {
    region = "europe-west1-b"
  }

  expect_failures = [var.region]
}

run "a_bundle_that_is_not_there_is_refused" {
  command = plan

  variables {
    bundle = "tests/testdata/no-such-bundle.zip"
  }

  expect_failures = [var.bundle]
}

run "no_chat_service_is_refused" {
  command = plan

  variables {
    chat_service_sids = []
  }

  expect_failures = [var.chat_service_sids]
}

run "a_chat_service_that_is_none_is_refused" {
  command = plan

  variables {
    chat_service_sids = ["CH00000000000000000000000000000000"]
  }

  expect_failures = [var.chat_service_sids]
}

run "an_account_sid_of_another_kind_is_refused" {
  command = plan

  variables {
    twilio_account_sid = "SK00000000000000000000000000000000"
  }

  expect_failures = [var.twilio_account_sid]
}

run "an_account_sid_for_a_key_is_refused" {
  command = plan

  variables {
    twilio_api_key = "AC00000000000000000000000000000000"
  }

  expect_failures = [var.twilio_api_key]
}

run "a_secret_with_a_line_break_is_refused" {
  command = plan

  variables {
    twilio_api_secret = "apisecret\n"
  }

  expect_failures = [var.twilio_api_secret]
}

run "a_quoted_token_is_refused" {
  command = plan

  variables {
    twilio_auth_token = "\"authtoken\""
  }

  expect_failures = [var.twilio_auth_token]
}

run "no_prefix_is_refused" {
  command = plan

  variables {
    document_prefix = ""
  }

  expect_failures = [var.document_prefix]
}

run "a_fake_twilio_elsewhere_is_refused" {
  command = plan

  variables {
    twilio_base_url = "https://twilio.example.com"
  }

  expect_failures = [var.twilio_base_url]
}

run "a_fake_twilio_that_only_begins_local_is_refused" {
  command = plan

  variables {
    twilio_base_url = "http://127.0.0.1.example.com"
  }

  expect_failures = [var.twilio_base_url]
}

run "an_open_webhook_url_is_refused" {
  command = plan

  variables {
    webhook_url_override = "http://events.example.com/"
  }

  expect_failures = [var.webhook_url_override]
}

run "two_urls_in_one_is_refused" {
  command = plan

  variables {
    accepted_webhook_urls = ["https://a.example.com,https://b.example.com"]
  }

  expect_failures = [var.accepted_webhook_urls]
}

run "a_sweep_longer_than_its_claims_is_refused" {
  command = plan

  variables {
    sweep_timeout_seconds = 1799
  }

  expect_failures = [var.sweep_timeout_seconds]
}

run "a_sweep_longer_than_the_deadline_is_refused" {
  command = plan

  variables {
    sweep_timeout_seconds          = 600
    sweep_attempt_deadline_seconds = 600
  }

  expect_failures = [var.sweep_timeout_seconds]
}

run "a_deadline_beyond_half_an_hour_is_refused" {
  command = plan

  variables {
    sweep_attempt_deadline_seconds = 3600
  }

  expect_failures = [var.sweep_attempt_deadline_seconds]
}

run "six_retries_is_refused" {
  command = plan

  variables {
    sweep_retry_count = 6
  }

  expect_failures = [var.sweep_retry_count]
}

run "a_retention_in_days_is_refused" {
  command = plan

  variables {
    retention = "2d"
  }

  expect_failures = [var.retention]
}

run "a_retention_below_the_floor_is_refused" {
  command = plan

  variables {
    retention = "59m"
  }

  expect_failures = [var.retention]
}

run "a_retention_below_a_lifted_floor_is_refused" {
  command = plan

  variables {
    retention                = "9m"
    retention_floor_override = "10m"
  }

  expect_failures = [var.retention]
}

run "a_type_below_the_floor_is_refused" {
  command = plan

  variables {
    retention_by_channel_type = { web = "30m" }
  }

  expect_failures = [var.retention_by_channel_type]
}

run "a_type_with_a_comma_is_refused" {
  command = plan

  variables {
    retention_by_channel_type = { "web,sms" = "2h" }
  }

  expect_failures = [var.retention_by_channel_type]
}

run "a_negative_quiet_period_is_refused" {
  command = plan

  variables {
    quiet_period = "-1m"
  }

  expect_failures = [var.quiet_period]
}

run "closing_a_chat_channel_is_refused" {
  command = plan

  variables {
    chat_disposition = "close"
  }

  expect_failures = [var.chat_disposition]
}

run "deactivating_a_conversation_is_refused" {
  command = plan

  variables {
    conversations_disposition = "deactivate"
  }

  expect_failures = [var.conversations_disposition]
}

run "half_a_retirement_is_refused" {
  command = plan

  variables {
    max_retirements_per_run = 0.5
  }

  expect_failures = [var.max_retirements_per_run]
}

run "none_unexplained_is_refused" {
  command = plan

  variables {
    max_unexplained = 0
  }

  expect_failures = [var.max_unexplained]
}

run "what_has_been_replaced_is_told" {
  command = plan

  variables {
    max_due_share = 0.5
  }

  expect_failures = [check.replaced_variables]
}

run "a_tombstone_of_an_hour_is_refused" {
  command = plan

  variables {
    tombstone_ttl = "1h"
  }

  expect_failures = [var.tombstone_ttl]
}

run "a_tombstone_beyond_a_year_is_refused" {
  command = plan

  variables {
    tombstone_ttl = "8761h"
  }

  expect_failures = [var.tombstone_ttl]
}

run "no_requests_at_all_is_refused" {
  command = plan

  variables {
    twilio_requests_per_second = 0
  }

  expect_failures = [var.twilio_requests_per_second]
}

run "fewer_instances_than_are_kept_warm_is_refused" {
  command = plan

  variables {
    events_min_instances = 6
  }

  expect_failures = [var.events_max_instances]
}

run "a_floor_raised_is_refused" {
  command = plan

  variables {
    retention_floor_override = "2h"
  }

  expect_failures = [var.retention_floor_override]
}

run "a_prefix_with_a_dot_is_refused" {
  command = plan

  variables {
    document_prefix = "flex.sweep"
  }

  expect_failures = [var.document_prefix]
}

run "a_type_in_capitals_is_refused" {
  command = plan

  variables {
    retention_by_channel_type = { Web = "2h" }
  }

  expect_failures = [var.retention_by_channel_type]
}

run "a_quiet_period_of_days_is_refused" {
  command = plan

  variables {
    quiet_period = "25h"
  }

  expect_failures = [var.quiet_period]
}

run "a_webhook_url_with_a_fragment_is_refused" {
  command = plan

  variables {
    webhook_url_override = "https://events.example.com/#a"
  }

  expect_failures = [var.webhook_url_override]
}

run "a_second_token_version_of_nothing_is_refused" {
  command = plan

  variables {
    twilio_auth_token_secondary         = "othertoken"
    twilio_auth_token_secondary_version = ""
  }

  expect_failures = [var.twilio_auth_token_secondary_version]
}

run "a_workspace_that_is_none_is_refused" {
  command = plan

  variables {
    workspace_sids = ["IS00000000000000000000000000000000"]
  }

  expect_failures = [var.workspace_sids]
}

run "an_address_for_a_network_is_refused" {
  command = plan

  variables {
    source_ranges = ["203.0.113.9"]
  }

  expect_failures = [var.source_ranges]
}

run "less_time_without_evidence_is_refused" {
  command = plan

  variables {
    unconfirmed_retention = "47h"
  }

  expect_failures = [var.unconfirmed_retention]
}

run "a_retention_beyond_the_default_without_evidence_passes" {
  command = plan

  variables {
    retention = "720h"
  }
}

run "a_label_in_capitals_is_refused" {
  command = plan

  variables {
    labels = { Team = "contact-centre" }
  }

  expect_failures = [var.labels]
}

run "a_label_with_a_dot_in_its_value_is_refused" {
  command = plan

  variables {
    labels = { team = "contact.centre" }
  }

  expect_failures = [var.labels]
}
