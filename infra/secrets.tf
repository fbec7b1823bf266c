# The values are write-only and come from ephemeral variables: neither plan nor state has them.
# A new value takes effect only together with a new version: bump twilio_…_version.

locals {
  # All three slots always exist; the one for the second Auth Token is filled during a rotation only.
  secrets = {
    TWILIO_API_SECRET           = "twilio-api-secret"
    TWILIO_AUTH_TOKEN           = "twilio-auth-token"
    TWILIO_AUTH_TOKEN_SECONDARY = "twilio-auth-token-secondary"
  }

  secret_versions = { for name, version in {
    TWILIO_API_SECRET           = var.twilio_api_secret_version
    TWILIO_AUTH_TOKEN           = var.twilio_auth_token_version
    TWILIO_AUTH_TOKEN_SECONDARY = var.twilio_auth_token_secondary_version
  } : name => version if version != null }

  # What a function mounts: the very version, so that a rotation makes a new revision, and a
  # running one never changes under its feet.
  mounted_secrets = { for name in keys(local.secret_versions) : name => {
    secret  = google_secret_manager_secret.this[name].secret_id
    version = google_secret_manager_secret_version.this[name].version
  } }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project   = local.project_id
  secret_id = "${local.name}-${each.value}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}

resource "google_secret_manager_secret_version" "this" {
  for_each = local.secret_versions

  secret = google_secret_manager_secret.this[each.key].id
  secret_data_wo = {
    TWILIO_API_SECRET           = var.twilio_api_secret
    TWILIO_AUTH_TOKEN           = var.twilio_auth_token
    TWILIO_AUTH_TOKEN_SECONDARY = var.twilio_auth_token_secondary
  }[each.key]
  secret_data_wo_version = each.value

  lifecycle {
    # The old version goes after the functions have left it.
    create_before_destroy = true
  }
}
