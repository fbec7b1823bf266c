# What the clouds would answer, known already when planning, so that a plan can be asserted on.

mock_resource "google_service_account" {
  defaults = {
    email  = "account@flexsweep-test.iam.gserviceaccount.com"
    member = "serviceAccount:account@flexsweep-test.iam.gserviceaccount.com"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    version = "7"
  }
}

mock_resource "google_cloudfunctions2_function" {
  defaults = {
    service_config = { uri = "https://function-hash-ew.a.run.app" }
  }
}

mock_resource "google_storage_bucket_object" {
  defaults = {
    generation = 1700000000000000
  }
}

mock_resource "twilio_sync_services_v1" {
  defaults = {
    sid = "IS11111111111111111111111111111111"
  }
}

mock_resource "twilio_events_sinks_v1" {
  defaults = {
    sid = "DG11111111111111111111111111111111"
  }
}

mock_resource "twilio_events_subscriptions_v1" {
  defaults = {
    sid = "DF11111111111111111111111111111111"
  }
}
