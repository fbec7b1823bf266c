locals {
  sweep_url = coalesce(var.sweep_url_override, module.sweep.uri)
}

resource "google_cloud_scheduler_job" "sweep" {
  project     = local.project_id
  region      = var.region
  name        = local.function_names.Sweep
  description = "Calls the sweep of ${local.name}"

  schedule         = var.schedule
  time_zone        = var.time_zone
  paused           = var.schedule_paused
  attempt_deadline = "${var.sweep_attempt_deadline_seconds}s"

  # A sweep can always be repeated: what the first try did, the second finds done.
  retry_config {
    retry_count          = var.sweep_retry_count
    min_backoff_duration = "60s"
    max_backoff_duration = "300s"
    max_doublings        = 2
  }

  http_target {
    uri         = local.sweep_url
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(local.sweep_body)

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = module.sweep.uri
    }
  }
}

locals {
  # A tick goes on with an unfinished pass over the ledger, and begins another only when one is due; most find
  # nothing to do. Operators call without it.
  sweep_body = jsonencode({ dryRun = var.dry_run, tick = true })
}
