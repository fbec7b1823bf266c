output "bundle_object" {
  description = "Name of the bundle's object in the source bucket."
  value       = google_storage_bucket_object.bundle.name
}

output "bundle_sha256" {
  description = "SHA-256 of the bundle, in hexadecimal digits."
  value       = filesha256(var.bundle)
}

output "chat_service_sids" {
  description = "The chat services whose channels are retired."
  value       = var.chat_service_sids
}

output "dashboard_url" {
  description = "The dashboard in the Google Cloud console."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${reverse(split("/", google_monitoring_dashboard.this.id))[0]}?project=${var.project_id}"
}

output "document_prefix" {
  description = "What the names of the ledger's documents begin with."
  value       = var.document_prefix
}

output "environment" {
  description = "Name of the environment."
  value       = var.environment
}

output "event_types" {
  description = "The event types subscribed to."
  value       = tolist(local.event_types)
}

output "functions" {
  description = "The functions by entry point: name, URL, settings, the secrets' places, timeout in seconds, account, and who may call it."
  value = {
    for entry_point, description in { EventStreams = module.event_streams.description, Sweep = module.sweep.description } :
    # The ledger's SID is a setting and no secret, whichever way it gets there.
    entry_point => merge(description, {
      environment = tomap(merge(description.environment, { SYNC_SERVICE_SID = twilio_sync_services_v1.ledger.sid }))
      secrets     = tomap({ for name, place in description.secrets : name => place if name != "SYNC_SERVICE_SID" })
    })
  }
}

output "name" {
  description = "What every name in this environment begins with."
  value       = local.name
}

output "project_id" {
  description = "Google Cloud project."
  value       = var.project_id
}

output "protected" {
  description = "Whether flexsweep guards this environment."
  value       = var.protected
}

output "region" {
  description = "Google Cloud region."
  value       = var.region
}

output "runtime" {
  description = "Runtime of the functions."
  value       = var.runtime
}

output "scheduler_job" {
  description = "The schedule and what it calls; body is the JSON text that is sent."
  value = {
    name             = google_cloud_scheduler_job.sweep.name
    schedule         = google_cloud_scheduler_job.sweep.schedule
    time_zone        = google_cloud_scheduler_job.sweep.time_zone
    uri              = local.sweep_url
    body             = local.sweep_body
    attempt_deadline = google_cloud_scheduler_job.sweep.attempt_deadline
    paused           = var.schedule_paused
  }
}

output "sink_sid" {
  description = "The webhook's sink (DG…)."
  value       = twilio_events_sinks_v1.webhook.sid
}

output "subscription_sid" {
  description = "The subscription (DF…)."
  value       = twilio_events_subscriptions_v1.tasks.sid
}

output "sweep_url" {
  description = "What the schedule calls; private, needs a token of an invoker."
  value       = local.sweep_url
}

output "sync_service_sid" {
  description = "The Sync service (IS…) that holds the ledger."
  value       = twilio_sync_services_v1.ledger.sid
}

output "twilio_account_sid" {
  description = "The Twilio account."
  value       = var.twilio_account_sid
}

output "twilio_api_key" {
  description = "SID of the API key that Terraform and the operators sign in with; a function may have one of its own."
  value       = var.twilio_api_key
}

output "webhook_url" {
  description = "Where Twilio sends the events, exactly as it signs it."
  value       = local.webhook_url
  # Known when planning, and yet of use only when the function is there.
  depends_on = [module.event_streams]
}
