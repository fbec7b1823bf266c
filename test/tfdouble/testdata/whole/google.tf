# A small system with everything that infra/ has one of, on the google side.
resource "google_project_service" "on" {
  for_each = toset(["cloudfunctions", "cloudscheduler", "iam", "run", "secretmanager"])
  service  = "${each.key}.googleapis.com"
}

resource "time_sleep" "services" {
  create_duration = "1m"
  depends_on      = [google_project_service.on]
}

resource "google_storage_bucket" "source" {
  name     = "${var.name}-source"
  location = "europe-west1"
  labels   = { app = var.name }

  lifecycle_rule {
    action { type = "Delete" }
    condition { age = 30 }
  }
}

resource "google_storage_bucket_object" "bundle" {
  bucket = google_storage_bucket.source.name
  name   = "functions/${substr(filesha256(var.bundle), 0, 16)}.zip"
  source = var.bundle

  lifecycle { create_before_destroy = true }
}

resource "google_service_account" "run" {
  account_id = "${var.name}-run"

  depends_on = [time_sleep.services]
}

resource "google_secret_manager_secret" "token" {
  secret_id = "${var.name}-token"

  replication {
    auto {}
  }

  depends_on = [time_sleep.services]
}

resource "google_secret_manager_secret_version" "token" {
  secret                 = google_secret_manager_secret.token.id
  secret_data_wo         = var.token
  secret_data_wo_version = var.token_version

  lifecycle { create_before_destroy = true }
}

resource "google_secret_manager_secret_iam_member" "run" {
  secret_id = google_secret_manager_secret.token.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.run.member
}

resource "time_sleep" "roles" {
  create_duration = "2m"
  depends_on      = [google_secret_manager_secret_iam_member.run]
}

resource "google_cloudfunctions2_function" "webhook" {
  name     = "${var.name}-webhook"
  location = "europe-west1"

  build_config {
    runtime     = "go126"
    entry_point = "EventStreams"

    source {
      storage_source {
        bucket     = google_storage_bucket.source.name
        object     = google_storage_bucket_object.bundle.name
        generation = google_storage_bucket_object.bundle.generation
      }
    }
  }

  service_config {
    timeout_seconds       = 30
    service_account_email = google_service_account.run.email
    environment_variables = {
      WEBHOOK_URLS     = var.webhook_url
      SYNC_SERVICE_SID = twilio_sync_services_v1.ledger.sid
    }

    secret_environment_variables {
      key        = "TWILIO_AUTH_TOKEN"
      project_id = var.project
      secret     = google_secret_manager_secret.token.secret_id
      version    = google_secret_manager_secret_version.token.version
    }
  }

  depends_on = [time_sleep.roles]
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  location = google_cloudfunctions2_function.webhook.location
  name     = google_cloudfunctions2_function.webhook.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "${var.name}-sweep"
  schedule         = "*/15 * * * *"
  attempt_deadline = "300s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.webhook.service_config[0].uri
    body        = base64encode(jsonencode({ dryRun = true }))

    oidc_token {
      service_account_email = google_service_account.run.email
      audience              = google_cloudfunctions2_function.webhook.service_config[0].uri
    }
  }
}
