# Pins the names of the functions' settings. A setting that is forgotten here lets the new revision die at its start; one
# that is misspelt leaves the function with its default, retention for one, and nobody is told.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "event_streams_gets_its_settings" {
  command = plan

  assert {
    condition = keys(output.functions.EventStreams.environment) == tolist([
      "BUNDLE_SHA256", "DOCUMENT_PREFIX", "GOOGLE_CLOUD_PROJECT", "SYNC_SERVICE_SID", "TWILIO_ACCOUNT_SID", "TWILIO_API_KEY",
      "TWILIO_REQUESTS_PER_SECOND", "WEBHOOK_URLS",
    ])
    error_message = "EventStreams has other settings: ${join(", ", keys(output.functions.EventStreams.environment))}."
  }

  assert {
    condition     = keys(output.functions.EventStreams.secrets) == tolist(["TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN"])
    error_message = "EventStreams needs the API key's secret for the ledger and the Auth Token for the signatures."
  }
}

run "sweep_gets_its_settings" {
  command = plan

  assert {
    condition = keys(output.functions.Sweep.environment) == tolist([
      "BUNDLE_SHA256", "CHAT_DISPOSITION", "CHAT_SERVICE_SIDS", "CONVERSATIONS_DISPOSITION", "DOCUMENT_PREFIX", "GOOGLE_CLOUD_PROJECT",
      "MAX_RETIREMENTS_PER_RUN", "MAX_UNEXPLAINED", "OPEN_TASK_CHECK",
      "QUIET_PERIOD", "RETENTION", "SWEEP_CONCURRENCY", "SWEEP_TIMEOUT_SECONDS", "SYNC_SERVICE_SID", "TASK_LOOKUPS_PER_RUN",
      "TASK_LOOKUP_AFTER", "TOMBSTONE_TTL", "TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_REQUESTS_PER_SECOND",
      "UNCONFIRMED_RETENTION",
    ])
    error_message = "Sweep has other settings: ${join(", ", keys(output.functions.Sweep.environment))}."
  }

  assert {
    condition     = keys(output.functions.Sweep.secrets) == tolist(["TWILIO_API_SECRET"])
    error_message = "Sweep checks no signatures, so the Auth Token is none of its business."
  }
}

run "the_optional_ones_come_when_given" {
  command = plan

  variables {
    retention                 = "30m"
    retention_by_channel_type = { whatsapp = "24h", web = "20m" }
    retention_floor_override  = "20m"
    twilio_base_url           = "http://127.0.0.1:8080"
    webhook_url_override      = "http://127.0.0.1:8081/event-streams"
    accepted_webhook_urls     = ["https://old.example.com/events"]
    source_ranges             = ["203.0.113.0/24", "2001:db8::/32"]
    workspace_sids            = ["WS00000000000000000000000000000000"]
  }

  assert {
    condition     = alltrue([for f in output.functions : f.environment.WORKSPACE_SIDS == "WS00000000000000000000000000000000"])
    error_message = "Both functions must know whose events count."
  }

  assert {
    condition     = output.functions.EventStreams.environment.SOURCE_RANGES == "203.0.113.0/24,2001:db8::/32" && !contains(keys(output.functions.Sweep.environment), "SOURCE_RANGES")
    error_message = "SOURCE_RANGES is the webhook's, separated by commas."
  }

  assert {
    condition     = output.functions.Sweep.environment.RETENTION_BY_CHANNEL_TYPE == "web=20m,whatsapp=24h"
    error_message = "RETENTION_BY_CHANNEL_TYPE must be type=duration, separated by commas."
  }

  assert {
    condition     = output.functions.Sweep.environment.RETENTION == "30m" && contains(keys(output.functions.Sweep.environment), "RETENTION_FLOOR_OVERRIDE")
    error_message = "The floor's override must reach the function together with the retention that needs it."
  }

  assert {
    condition     = alltrue([for f in output.functions : f.environment.TWILIO_BASE_URL == "http://127.0.0.1:8080"])
    error_message = "With a fake Twilio both functions must talk to it."
  }

  assert {
    condition     = output.functions.EventStreams.environment.WEBHOOK_URLS == "http://127.0.0.1:8081/event-streams,https://flexsweep-test-events-100000000000.europe-west1.run.app/event-streams,https://old.example.com/events"
    error_message = "The sink's URL comes first, then Google's, then the others that are accepted."
  }
}

run "both_work_on_the_same_ledger" {
  command = plan

  assert {
    condition     = alltrue([for f in output.functions : f.environment.SYNC_SERVICE_SID == twilio_sync_services_v1.ledger.sid && f.environment.DOCUMENT_PREFIX == var.document_prefix])
    error_message = "With another service or prefix the sweep never finds what the webhook wrote."
  }
}
