# One account per duty, so that each has only the rights of that duty. Those that the functions run as
# are made by modules/function.

resource "google_service_account" "build" {
  project      = local.project_id
  account_id   = "${local.name}-build"
  display_name = "${local.name} build"
  description  = "Builds the functions' images; Google's default build account lacks the rights in new projects."
}

# The least that Cloud Build needs to build a function from its source.
resource "google_project_iam_member" "build" {
  for_each = toset([
    "roles/artifactregistry.writer",
    "roles/logging.logWriter",
    "roles/storage.objectViewer",
  ])

  project = local.project_id
  role    = each.key
  member  = google_service_account.build.member
}

resource "google_service_account" "invoker" {
  project      = local.project_id
  account_id   = "${local.name}-invoker"
  display_name = "${local.name} invoker"
  description  = "Cloud Scheduler calls the sweep as this account; it has no other right."
}
