# URL and description wait for the invokers: a function that nobody may call yet is of no use to those who ask.

output "description" {
  description = "The function as it was deployed, for tools and people: name, URL, settings, the secrets' places, timeout in seconds, account, and who may call it."
  value = {
    name            = google_cloudfunctions2_function.this.name
    url             = google_cloudfunctions2_function.this.service_config[0].uri
    environment     = var.environment_variables
    secrets         = var.secret_environment_variables
    timeout_seconds = var.timeout_seconds
    service_account = google_service_account.this.email
    invokers        = values(google_cloud_run_v2_service_iam_member.invoker)[*].member
  }
}

output "name" {
  description = "Name of the function and of the Cloud Run service behind it."
  value       = google_cloudfunctions2_function.this.name
}

output "uri" {
  description = "URL of the Cloud Run service (run.app), also the audience of its tokens."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
  depends_on  = [google_cloud_run_v2_service_iam_member.invoker]
}
