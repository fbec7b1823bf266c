# Metrics from the functions' log lines: per delivery ("delivery"), per sweep ("sweep"), per channel that a sweep worked on
# ("channel retired", "channel failed", …), and the few that stand for something wrong.

locals {
  metric_prefix = replace(local.name, "-", "_") # PromQL has no hyphens

  log_lines = {
    for entry_point, name in local.function_names : entry_point =>
    "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${name}\""
  }
  delivery_lines = "${local.log_lines.EventStreams} AND jsonPayload.message=\"delivery\""
  sweep_lines    = "${local.log_lines.Sweep} AND jsonPayload.message=\"sweep\""

  # A metric's name to the lines that it counts, and to the fields that tell them apart. The alerts are made of these:
  # counts are exact, where a sum of a distribution is reckoned.
  counted_metrics = {
    sweeps = {
      filter = local.sweep_lines
      labels = ["outcome"] # completed, idle, stopped, paused, refused, broken
    }
    sweeps_overdue = {
      filter = "${local.sweep_lines} AND jsonPayload.oldest_overdue_seconds>${var.alert_overdue_minutes * 60}"
      labels = []
    }
    sweeps_late = {
      filter = "${local.sweep_lines} AND jsonPayload.lateness.p95>${var.alert_late_minutes * 60}"
      labels = []
    }
    sweeps_behind = { # no pass over the whole ledger has ended for long
      filter = "${local.sweep_lines} AND jsonPayload.pass.complete_age_seconds>${var.alert_pass_hours * 3600}"
      labels = []
    }
    sweeps_old_tasks = {
      filter = "${local.sweep_lines} AND jsonPayload.oldest_open_task_seconds>${var.alert_open_task_days * 86400}"
      labels = []
    }
    task_lookups_refused = {
      filter = "${local.log_lines.Sweep} AND jsonPayload.message=~\"^TaskRouter \""
      labels = []
    }
    sweeps_failing_channels = {
      filter = "${local.sweep_lines} AND jsonPayload.keeps_failing>0"
      labels = []
    }
    channels = {
      filter = "${local.log_lines.Sweep} AND jsonPayload.message=~\"^channel \""
      labels = ["did"] # retired, already, gone, restored, cleared, irrecoverable, busy, conflict, failed
    }
    events_stale = { # older than a day: a delivery that is played again
      filter = "${local.delivery_lines} AND jsonPayload.stale>0"
      labels = []
    }
    events_quarantined = {
      filter = "${local.log_lines.EventStreams} AND jsonPayload.message=~\"^event quarantined\""
      labels = []
    }
    deliveries = {
      filter = local.delivery_lines
      labels = []
    }
    events_foreign = { # of another account, or of a workspace that is not listed
      filter = "${local.delivery_lines} AND jsonPayload.foreign>0"
      labels = []
    }
    signatures_refused = {
      filter = "${local.log_lines.EventStreams} AND jsonPayload.message=\"request refused\""
      labels = ["refused"] # malformed, token, source
    }
    twilio_throttled = { # what the retries did not overcome
      filter = join(" AND ", [
        "resource.type=\"cloud_run_revision\"",
        "resource.labels.service_name=(\"${join("\" OR \"", values(local.function_names))}\")",
        "(jsonPayload.message=~\"HTTP 429\" OR jsonPayload.detail=~\"HTTP 429\")",
      ])
      labels = []
    }
  }

  # A metric's name to the field of the summary line that it takes, for the dashboard.
  delivery_metrics = {
    events_received  = "received"
    events_applied   = "applied"
    events_unchanged = "unchanged"
    events_ignored   = "ignored"
    events_failed    = "failed"
    events_conflicts = "conflicts"
    events_calls     = "calls"
  }
  sweep_metrics = {
    sweep_walked         = "walked"
    sweep_open_task      = "skipped.\"open-task\""
    sweep_retention      = "skipped.retention"
    sweep_hold           = "skipped.hold"
    sweep_tombstones     = "skipped.retired"
    sweep_due            = "due"
    sweep_deferred       = "deferred"
    sweep_left_over      = "left_over"
    sweep_conflicts      = "conflicts"
    sweep_faulty         = "faulty"
    sweep_calls          = "calls"
    sweep_seconds        = "seconds"
    sweep_oldest_overdue = "oldest_overdue_seconds"
    sweep_oldest_task    = "oldest_open_task_seconds"
    sweep_late_p50       = "lateness.p50"
    sweep_late_p95       = "lateness.p95"
    sweep_pages          = "pass.pages"
    sweep_unconfirmed    = "skipped.unconfirmed"
  }
  field_metrics = merge(
    { for name, field in local.delivery_metrics : name => { field = field, filter = local.delivery_lines } },
    { for name, field in local.sweep_metrics : name => { field = field, filter = local.sweep_lines } },
  )
}

resource "google_logging_metric" "counted" {
  for_each = local.counted_metrics

  project          = local.project_id
  name             = "${local.metric_prefix}_${each.key}"
  filter           = each.value.filter
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }
}

# Only a distribution can hold a field's value; PromQL has its sum as NAME_sum, and the lines' number as NAME_count.
resource "google_logging_metric" "field" {
  for_each = local.field_metrics

  project         = local.project_id
  name            = "${local.metric_prefix}_${each.key}"
  filter          = each.value.filter
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
  }

  # Sums and counts do not depend on the buckets; few of them cost less.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 12
      growth_factor      = 4
      scale              = 1
    }
  }
}
