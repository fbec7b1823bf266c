resource "google_storage_bucket" "source" {
  project  = local.project_id
  name     = "${var.project_id}-${local.name}-source"
  location = upper(var.region) # as the provider keeps it

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # The bundle can be built again from its commit at any time.
  soft_delete_policy {
    retention_duration_seconds = 0
  }
}

# The name carries the content's hash: new content is a new object, and a new object is what makes
# Cloud Functions build.
resource "google_storage_bucket_object" "bundle" {
  bucket = google_storage_bucket.source.name
  name   = "functions/${substr(filesha256(var.bundle), 0, 16)}.zip"
  source = var.bundle

  lifecycle {
    # No create_before_destroy: it would be forced on the bucket, whose name stays when the region changes. Nobody
    # needs the old object, for Google builds from a copy of its own.
    #
    # A bucket that is made anew must first be empty; of that it knows by itself only if its name changed.
    replace_triggered_by = [google_storage_bucket.source.location]
    # The same bundle at another path (another machine, another checkout) is no change. Without this the
    # object would be made anew under the same name, and then deleted as the old one.
    ignore_changes = [source]
  }
}
