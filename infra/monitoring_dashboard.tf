# One page, read from left to right and from top to bottom in the order of the flow.
# $${__interval} is the dashboard's own: the time that one point of a chart stands for.

locals {
  # What a field added up to, and what it was on average per line.
  field_sum = { for name in keys(local.field_metrics) : name =>
    "sum(increase(logging_googleapis_com:user_${local.metric_prefix}_${name}_sum{monitored_resource=\"cloud_run_revision\"}[$${__interval}]))"
  }
  field_mean = { for name in keys(local.field_metrics) : name =>
    "${local.field_sum[name]} / sum(increase(logging_googleapis_com:user_${local.metric_prefix}_${name}_count{monitored_resource=\"cloud_run_revision\"}[$${__interval}]))"
  }
  webhook_labels = "service_name=\"${local.function_names.EventStreams}\""

  # Title, and the lines by their legend; "" leaves the legend to the labels.
  charts = [
    {
      title = "Webhook: answers by class"
      lines = { "" = "sum by (response_code_class) (increase(run_googleapis_com:request_count{${local.webhook_labels}}[$${__interval}]))" }
    },
    {
      title = "Webhook: milliseconds (Twilio waits 5,000)"
      lines = { for legend, share in { p50 = "0.5", p99 = "0.99" } : legend =>
        "histogram_quantile(${share}, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{${local.webhook_labels}}[$${__interval}])))"
      }
    },
    {
      title = "Events: what became of them"
      lines = merge(
        { for what in ["received", "applied", "unchanged", "ignored", "failed"] : what => local.field_sum["events_${what}"] },
        { quarantined = "sum(sum_over_time(${local.count.events_quarantined}[$${__interval}]))" },
      )
    },
    {
      title = "Requests refused, by the door"
      lines = { "" = "sum by (refused) (sum_over_time(${local.count.signatures_refused}[$${__interval}]))" }
    },
    {
      title = "Ledger: records, and why they are kept"
      lines = { for what in ["walked", "open_task", "retention", "unconfirmed", "hold", "tombstones"] : replace(what, "_", " ") => local.field_mean["sweep_${what}"] }
    },
    {
      title = "Due, and put off to the next sweep"
      lines = { for what in ["due", "deferred", "left_over"] : replace(what, "_", " ") => local.field_mean["sweep_${what}"] }
    },
    {
      title = "Overdue: the oldest, in seconds"
      lines = { seconds = local.field_mean.sweep_oldest_overdue }
    },
    {
      title = "Lateness of what was retired, and the oldest open task, in seconds"
      lines = { p50 = local.field_mean.sweep_late_p50, p95 = local.field_mean.sweep_late_p95, "oldest task" = local.field_mean.sweep_oldest_task }
    },
    {
      title = "Pass over the ledger: pages so far"
      lines = { pages = local.field_mean.sweep_pages }
    },
    {
      title = "Channels: what sweeps did about them"
      lines = { "" = "sum by (did) (sum_over_time(${local.count.channels}[$${__interval}]))" }
    },
    {
      title = "Conflicts: another hand on the same record"
      lines = { events = local.field_sum.events_conflicts, sweeps = local.field_sum.sweep_conflicts }
    },
    {
      title = "Requests to Twilio"
      lines = { events = local.field_sum.events_calls, sweeps = local.field_sum.sweep_calls }
    },
    {
      title = "Twilio's 429 that retries did not overcome"
      lines = { throttled = "sum(sum_over_time(${local.count.twilio_throttled}[$${__interval}]))" }
    },
    {
      title = "Sweeps by outcome"
      lines = { "" = "sum by (outcome) (sum_over_time(${local.count.sweeps}[$${__interval}]))" }
    },
    {
      title = "Sweeps: seconds, and records that could not be read"
      lines = { seconds = local.field_mean.sweep_seconds, faulty = local.field_mean.sweep_faulty }
    },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = local.project_id

  dashboard_json = jsonencode({
    displayName = local.name
    mosaicLayout = {
      columns = 48
      # A position of zero is left out: Google does not send it back, and every plan would want it again.
      tiles = [for i, chart in local.charts : merge(i % 2 == 0 ? {} : { xPos = 24 }, i < 2 ? {} : { yPos = floor(i / 2) * 16 }, {
        width  = 24
        height = 16
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [for legend, query in chart.lines : merge({
              plotType        = "LINE"
              timeSeriesQuery = { prometheusQuery = query }
            }, legend == "" ? {} : { legendTemplate = legend })]
          }
        }
      })]
    }
  })

  depends_on = [google_logging_metric.counted, google_logging_metric.field]
}
