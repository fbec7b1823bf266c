locals {
  services = toset([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ])
}

resource "google_project_service" "this" {
  for_each = local.services

  project = var.project_id
  service = each.key

  # Others in the project may use them too.
  disable_on_destroy = false
}

# An API that was just enabled refuses calls for a while. This waits when the list above changes, and never else.
resource "time_sleep" "services" {
  create_duration = "60s"
  triggers        = { project = var.project_id, services = join(" ", sort(local.services)) }

  depends_on = [google_project_service.this]
}
