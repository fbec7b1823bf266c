# Pins who may call what. The sweep turning public, or the webhook turning private, changes one word in
# a plan of forty resources, deploys without an error, and shows only when it is too late.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "only_the_webhook_is_public" {
  command = plan

  assert {
    condition     = output.functions.EventStreams.invokers == ["allUsers"]
    error_message = "Twilio cannot sign in to Google: EventStreams must be open, its gate is the signature."
  }

  assert {
    condition     = output.functions.Sweep.invokers == [google_service_account.invoker.member]
    error_message = "Sweep must be callable by the invoker's account and by nobody else."
  }
}

run "the_schedule_calls_with_a_token" {
  command = plan

  assert {
    condition     = one(google_cloud_scheduler_job.sweep.http_target[0].oidc_token).service_account_email == google_service_account.invoker.email
    error_message = "Without the invoker's token Cloud Run answers 403 to every sweep."
  }

  assert {
    condition     = one(google_cloud_scheduler_job.sweep.http_target[0].oidc_token).audience == output.functions.Sweep.url
    error_message = "The token's audience must be the service's own URL, or Cloud Run refuses it."
  }
}

run "the_source_is_private" {
  command = plan

  assert {
    condition     = google_storage_bucket.source.public_access_prevention == "enforced" && google_storage_bucket.source.uniform_bucket_level_access
    error_message = "The source bucket must refuse public access whatever its objects say."
  }
}

run "an_invoker_is_bound_to_the_service_by_run_invoker" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    available_cpu                = "1"
    available_memory             = "256Mi"
    build_roles                  = {}
    build_service_account        = "build@flexsweep-test.iam.gserviceaccount.com"
    bundle                       = { bucket = "bucket", object = "object", generation = 1 }
    concurrency                  = 1
    description                  = "a function"
    entry_point                  = "Sweep"
    environment_variables        = {}
    invokers                     = { scheduler = "serviceAccount:invoker@flexsweep-test.iam.gserviceaccount.com" }
    max_instances                = 1
    min_instances                = 0
    name                         = "flexsweep-test-sweep"
    runtime                      = "go126"
    secret_environment_variables = { TOKEN = { secret = "one-secret", version = "3" } }
    timeout_seconds              = 60
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.invoker["scheduler"].role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.invoker["scheduler"].name == "flexsweep-test-sweep"
    error_message = "A 2nd gen function is opened by run.invoker on its Cloud Run service; cloudfunctions.invoker does nothing."
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.this["TOKEN"].secret_id == "one-secret" && google_secret_manager_secret_iam_member.this["TOKEN"].role == "roles/secretmanager.secretAccessor"
    error_message = "A function may read the secrets it mounts, each by itself."
  }

  assert {
    condition     = google_cloudfunctions2_function.this.build_config[0].source[0].storage_source[0].generation == 1
    error_message = "Without the generation the provider sends that of the last bundle with this one's name."
  }
}
