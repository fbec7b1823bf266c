# A 2nd gen Cloud Function, the account it runs as, the secrets that this account may read, and who may call it.

resource "google_service_account" "this" {
  project      = var.project_id
  account_id   = var.name
  display_name = var.name
  description  = "The function ${var.name} runs as this account; it can read its own secrets and nothing else."
}

# Per secret, not for the project.
resource "google_secret_manager_secret_iam_member" "this" {
  for_each = var.secret_environment_variables

  project   = var.project_id
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

# Roles take a minute or two to hold, and a function that meets one too early fails. This waits when roles are new,
# and never else.
resource "time_sleep" "roles" {
  create_duration = "150s"
  triggers = merge(var.build_roles, {
    # Not of the bindings themselves: the provider changes the secret's name at apply.
    for name, place in var.secret_environment_variables : name => "${place.secret} ${google_service_account.this.member}"
  })

  depends_on = [google_secret_manager_secret_iam_member.this]
}

resource "google_cloudfunctions2_function" "this" {
  project     = var.project_id
  location    = var.region
  name        = var.name
  description = var.description

  build_config {
    runtime         = var.runtime
    entry_point     = var.entry_point
    service_account = "projects/${var.project_id}/serviceAccounts/${var.build_service_account}"

    # The provider never looks which source was built, so a deployment that failed would pass for done. This it reads
    # back: the next apply sends the bundle again.
    environment_variables = { FLEXSWEEP_BUNDLE = var.bundle.object }

    source {
      storage_source {
        bucket = var.bundle.bucket
        object = var.bundle.object
        # Named, because otherwise the provider sends the last bundle's generation with this one's object.
        generation = var.bundle.generation
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.this.email
    available_cpu                    = var.available_cpu
    available_memory                 = var.available_memory
    max_instance_request_concurrency = var.concurrency
    min_instance_count               = var.min_instances
    max_instance_count               = var.max_instances
    timeout_seconds                  = var.timeout_seconds
    ingress_settings                 = "ALLOW_ALL" # who may call is a matter of IAM, below
    all_traffic_on_latest_revision   = true
    environment_variables            = var.environment_variables

    dynamic "secret_environment_variables" {
      for_each = var.secret_environment_variables

      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  # The first revision starts only if its secrets can be read.
  depends_on = [time_sleep.roles]

  lifecycle {
    precondition {
      condition     = var.concurrency == 1 || tonumber(var.available_cpu) >= 1
      error_message = "Cloud Run serves more than one request at a time only with at least one CPU."
    }
  }
}

# On the Cloud Run service behind the function: cloudfunctions.invoker does not open a 2nd gen function.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this.name
  role     = "roles/run.invoker"
  member   = each.value

  lifecycle {
    # A service that is made anew has lost its invokers.
    replace_triggered_by = [google_cloudfunctions2_function.this.id]
  }
}
