# Every alert has a heading of its name in docs/runbook.md: what it means, where to look, what to do.

locals {
  # A counted metric in PromQL. Log lines may be of any resource, so PromQL asks for which.
  # sum_over_time, because the points are what came in each minute, and not a counter that goes up.
  count = { for name in keys(local.counted_metrics) : name =>
    "logging_googleapis_com:user_${local.metric_prefix}_${name}{monitored_resource=\"cloud_run_revision\"}"
  }
  # A dry run is said to be refused when it would have been; it has done its work all the same.
  success          = var.dry_run ? "completed|stopped|refused" : "completed|stopped"
  sweeps_succeeded = "${trimsuffix(local.count.sweeps, "}")},outcome=~\"${local.success}\"}"
  # A tick that finds nothing to do is a sign of life, too.
  ticks_succeeded   = "${trimsuffix(local.count.sweeps, "}")},outcome=~\"${local.success}|idle\"}"
  sweeps_gone_wrong = "${trimsuffix(local.count.sweeps, "}")},outcome=~\"refused|broken\"}"
  channels_failed   = "${trimsuffix(local.count.channels, "}")},did=\"failed\"}"
  channels_worked   = "${trimsuffix(local.count.channels, "}")},did=~\"retired|already|gone|failed\"}"
  channels_lost     = "${trimsuffix(local.count.channels, "}")},did=\"irrecoverable\"}"
  refused_by_token  = "${trimsuffix(local.count.signatures_refused, "}")},refused=\"token\"}"
  webhook_5xx       = "run_googleapis_com:request_count{service_name=\"${local.function_names.EventStreams}\",response_code_class=\"5xx\"}"

  alerts = {
    no-sweep = {
      title    = "no sweep has succeeded"
      severity = "ERROR"
      # Nothing logged is no data, not zero.
      query = "(sum(sum_over_time(${local.ticks_succeeded}[${var.alert_no_sweep_minutes}m])) or vector(0)) < 1"
    }
    sweep-refused = {
      title    = "a sweep was refused, or could not read the ledger"
      severity = "ERROR"
      query    = "sum(sum_over_time(${local.sweeps_gone_wrong}[30m])) > 0"
    }
    overdue-growing = {
      title    = "channels are overdue, and the sweeps do not catch up"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.sweeps_overdue}[2h])) >= sum(sum_over_time(${local.sweeps_succeeded}[2h]))"
    }
    failing-channels = {
      title    = "the same channels fail in sweep after sweep"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.sweeps_failing_channels}[1h])) > 0"
    }
    error-ratio = {
      title    = "a large share of what the sweeps work on fails"
      severity = "ERROR"
      query = join(" and ", [
        "sum(sum_over_time(${local.channels_failed}[1h])) > 5",
        "sum(sum_over_time(${local.channels_failed}[1h])) / sum(sum_over_time(${local.channels_worked}[1h])) > ${var.alert_error_ratio}",
      ])
    }
    irrecoverable = {
      title    = "a channel was retired for good while a task is open on it"
      severity = "CRITICAL"
      query    = "sum(sum_over_time(${local.channels_lost}[1h])) > 0"
    }
    webhook-errors = {
      title    = "the webhook answers 5xx"
      severity = "ERROR"
      query    = "sum(increase(${local.webhook_5xx}[10m])) > ${var.alert_webhook_errors}"
    }
    signatures-refused = {
      title    = "the webhook refuses signatures"
      severity = "ERROR"
      # Well-formed signatures that fit no token: many; or some, and for half an hour nothing was accepted, as when a
      # token was rotated in the wrong order. Scanners have none.
      query = join(" or ", [
        "sum(sum_over_time(${local.refused_by_token}[10m])) > ${var.alert_signatures_refused}",
        "(sum(sum_over_time(${local.refused_by_token}[30m])) > 0 unless sum(sum_over_time(${local.count.deliveries}[30m])) > 0)",
      ])
    }
    channels-late = {
      title    = "channels are retired long after they were due"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.sweeps_late}[1h])) > 0"
    }
    pass-behind = {
      title    = "no pass over the ledger has ended for long"
      severity = "ERROR"
      query    = "sum(sum_over_time(${local.count.sweeps_behind}[1h])) > 0"
    }
    old-tasks = {
      title    = "a task has been open for very long"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.sweeps_old_tasks}[2h])) > 0"
    }
    task-lookups = {
      title    = "TaskRouter does not say what has become of tasks"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.task_lookups_refused}[1h])) > 0"
    }
    foreign-events = {
      title    = "events of another account or workspace arrive, and have no effect"
      severity = "ERROR"
      query    = "sum(sum_over_time(${local.count.events_foreign}[1h])) > 0"
    }
    stale-events = {
      title    = "events that are older than a day arrive"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.events_stale}[1h])) > 0"
    }
    events-quarantined = {
      title    = "events were not understood"
      severity = "WARNING"
      query    = "sum(sum_over_time(${local.count.events_quarantined}[1h])) > 0"
    }
  }

  # Where they can only cry wolf: a dry run retires nothing, so what is due stays due, and becomes a large share.
  pointless_alerts = concat(
    var.schedule_paused ? ["no-sweep"] : [],
    var.dry_run ? ["channels-late", "overdue-growing", "pass-behind", "sweep-refused"] : [],
  )
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = local.project_id
  display_name = "${local.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }

  lifecycle {
    # Google deletes no channel that a policy still names; so the policies change first.
    create_before_destroy = true
  }
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  project      = local.project_id
  display_name = "${local.name}: ${each.value.title}"
  severity     = each.value.severity
  enabled      = !contains(concat(tolist(var.disabled_alerts), local.pointless_alerts), each.key)
  combiner     = "OR"

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = "0s"
      evaluation_interval = "60s"
      # Cloud Monitoring sees a new metric only minutes after it was made, and would refuse the alert until then.
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${local.name}: ${each.value.title}"
    content   = "What it means, where to look and what to do: [runbook](${var.runbook_url}#${each.key})."

    links {
      display_name = "Runbook"
      url          = "${var.runbook_url}#${each.key}"
    }
  }

  notification_channels = concat(
    [for channel in google_monitoring_notification_channel.email : channel.name],
    var.notification_channels,
  )

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_logging_metric.counted]
}
