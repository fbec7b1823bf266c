# Two functions from one bundle. Their settings stand here and nowhere else, by the names that
# cloudfunction/config.go reads.

locals {
  functions_source = {
    bucket     = google_storage_bucket.source.name
    object     = google_storage_bucket_object.bundle.name
    generation = google_storage_bucket_object.bundle.generation
  }
}

# Public: Twilio cannot sign in to Google. The gate is X-Twilio-Signature, which the function checks first.
module "event_streams" {
  source = "./modules/function"

  project_id            = local.project_id
  region                = var.region
  name                  = local.function_names.EventStreams
  description           = "Twilio Event Streams to the ledger"
  entry_point           = "EventStreams"
  runtime               = var.runtime
  bundle                = local.functions_source
  build_service_account = google_service_account.build.email
  invokers              = { twilio = "allUsers" }

  # An event is a few milliseconds of work and two calls to Twilio, so one instance serves many at once.
  # Twilio gives up after 5 seconds and sends the event again; nothing is gained by working on.
  available_cpu    = "1"
  available_memory = "256Mi"
  concurrency      = var.events_concurrency
  min_instances    = var.events_min_instances
  max_instances    = var.events_max_instances
  timeout_seconds  = 10

  environment_variables = merge(
    {
      TWILIO_ACCOUNT_SID         = var.twilio_account_sid
      TWILIO_API_KEY             = var.twilio_api_key
      WEBHOOK_URLS               = join(",", local.webhook_urls)
      SYNC_SERVICE_SID           = twilio_sync_services_v1.ledger.sid
      DOCUMENT_PREFIX            = var.document_prefix
      TWILIO_REQUESTS_PER_SECOND = tostring(var.twilio_requests_per_second)
      GOOGLE_CLOUD_PROJECT       = var.project_id
    },
    # left out when null
    { for name, value in {
      TWILIO_BASE_URL = var.twilio_base_url
    } : name => value if value != null },
  )

  secret_environment_variables = local.mounted_secrets

  depends_on = [google_project_iam_member.build]
}

# Private: only the invoker's account may call it. One instance and one request at a time, so that
# two runs of the schedule never overlap.
module "sweep" {
  source = "./modules/function"

  project_id            = local.project_id
  region                = var.region
  name                  = local.function_names.Sweep
  description           = "Retires the channels whose time has come"
  entry_point           = "Sweep"
  runtime               = var.runtime
  bundle                = local.functions_source
  build_service_account = google_service_account.build.email
  invokers              = { scheduler = google_service_account.invoker.member }

  available_cpu    = "1"
  available_memory = "256Mi"
  concurrency      = 1
  min_instances    = 0
  max_instances    = 1
  timeout_seconds  = var.sweep_timeout_seconds

  environment_variables = merge(
    {
      TWILIO_ACCOUNT_SID         = var.twilio_account_sid
      TWILIO_API_KEY             = var.twilio_api_key
      SYNC_SERVICE_SID           = twilio_sync_services_v1.ledger.sid
      CHAT_SERVICE_SIDS          = join(",", var.chat_service_sids)
      DOCUMENT_PREFIX            = var.document_prefix
      RETENTION                  = var.retention
      QUIET_PERIOD               = var.quiet_period
      CHAT_DISPOSITION           = var.chat_disposition
      CONVERSATIONS_DISPOSITION  = var.conversations_disposition
      MAX_RETIREMENTS_PER_RUN    = tostring(var.max_retirements_per_run)
      MAX_DUE_SHARE              = tostring(var.max_due_share)
      MAX_DUE_SHARE_MIN_RECORDS  = tostring(var.max_due_share_min_records)
      SWEEP_CONCURRENCY          = tostring(var.sweep_concurrency)
      TWILIO_REQUESTS_PER_SECOND = tostring(var.twilio_requests_per_second)
      TOMBSTONE_TTL              = var.tombstone_ttl
      GOOGLE_CLOUD_PROJECT       = var.project_id
    },
    # left out when null
    { for name, value in {
      RETENTION_BY_CHANNEL_TYPE = length(var.retention_by_channel_type) == 0 ? null : join(",", [for type, kept in var.retention_by_channel_type : "${type}=${kept}"])
      RETENTION_FLOOR_OVERRIDE  = var.retention_floor_override
      TWILIO_BASE_URL           = var.twilio_base_url
    } : name => value if value != null },
  )

  # No Auth Token: the sweep checks no signatures, and the API key is enough for its calls.
  secret_environment_variables = {
    TWILIO_API_SECRET = local.mounted_secrets.TWILIO_API_SECRET
  }

  depends_on = [google_project_iam_member.build]
}
