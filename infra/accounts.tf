# One account per duty, so that each has only the rights of that duty. Those that the functions run as
# are made by modules/function.

resource "google_service_account" "build" {
  project      = local.project_id
  account_id   = "${local.name}-build"
  display_name = "${local.name} build"
  description  = "Builds the functions' images; Google's default build account lacks the rights in new projects."
}

locals {
  # Our bucket, and the one into which Google copies what it builds from: no other, least of all that of the state.
  # The second is made by the first deployment, so the role cannot be given on the bucket itself.
  source_buckets = [google_storage_bucket.source.name, "gcf-v2-sources-${var.project_number}-${var.region}"]

  # The least that Cloud Build needs to build a function from its source: role to condition.
  build_roles = {
    "roles/artifactregistry.writer" = null
    "roles/logging.logWriter"       = null
    "roles/storage.objectViewer"    = join(" || ", [for bucket in local.source_buckets : "resource.name.startsWith(\"projects/_/buckets/${bucket}/objects/\")"])
  }
}

resource "google_project_iam_member" "build" {
  for_each = local.build_roles

  project = local.project_id
  role    = each.key
  member  = google_service_account.build.member

  dynamic "condition" {
    for_each = each.value == null ? [] : [each.value]

    content {
      title      = "sources of functions"
      expression = condition.value
    }
  }
}

resource "google_service_account" "invoker" {
  project      = local.project_id
  account_id   = "${local.name}-invoker"
  display_name = "${local.name} invoker"
  description  = "Cloud Scheduler calls the sweep as this account; it has no other right."
}
