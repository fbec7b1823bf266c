# Pins that something wrong is heard of. An alert that names a metric, a field or a heading which does not exist is
# accepted, and stays silent for ever.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "alerts_and_charts_name_metrics_that_exist" {
  command = plan

  assert {
    condition = length(setsubtract(
      flatten([for policy in google_monitoring_alert_policy.this :
        regexall("logging_googleapis_com:user_([a-z_]+)\\{", policy.conditions[0].condition_prometheus_query_language[0].query)
      ]),
      [for metric in google_logging_metric.counted : metric.name],
    )) == 0
    error_message = "An alert names a metric that is not counted."
  }

  assert {
    condition = length(setsubtract(
      [for name in flatten(regexall("logging_googleapis_com:user_([a-z_]+)\\{", google_monitoring_dashboard.this.dashboard_json)) :
        trimsuffix(trimsuffix(name, "_sum"), "_count")
      ],
      concat([for metric in google_logging_metric.counted : metric.name], [for metric in google_logging_metric.field : metric.name]),
    )) == 0
    error_message = "A chart names a metric that does not exist."
  }
}

run "every_alert_leads_to_its_heading" {
  command = plan

  assert {
    condition = alltrue([for name, policy in google_monitoring_alert_policy.this :
      policy.documentation[0].links[0].url == "${var.runbook_url}#${name}"
    ])
    error_message = "An alert's link must be the runbook's heading of its name."
  }

  assert {
    condition     = join(" ", keys(google_monitoring_alert_policy.this)) == "channels-late error-ratio events-quarantined failing-channels foreign-events irrecoverable no-sweep old-tasks overdue-growing pass-behind signatures-refused stale-events sweep-refused task-lookups webhook-errors"
    error_message = "The alerts have changed: docs/runbook.md and the names that disabled_alerts accepts must follow."
  }
}

run "no_chart_says_that_it_stands_at_zero" {
  command = plan

  assert {
    condition = alltrue(flatten([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      [try(tile.xPos, 1) != 0, try(tile.yPos, 1) != 0]
    ]))
    error_message = "Google sends no zero back, so each plan would want to add it again."
  }
}

run "alerts_reach_everyone_named" {
  command = plan

  variables {
    alert_emails          = ["oncall@example.com"]
    notification_channels = ["projects/flexsweep-test/notificationChannels/1"]
  }

  assert {
    condition = alltrue([for policy in google_monitoring_alert_policy.this :
      length(policy.notification_channels) == 2 && contains(policy.notification_channels, "projects/flexsweep-test/notificationChannels/1")
    ])
    error_message = "Every alert goes to every channel."
  }
}

run "switched_on_every_alert_is" {
  command = plan

  variables {
    dry_run = false
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.this : policy.enabled])
    error_message = "In normal operation no alert is off unless it is named."
  }
}

run "only_what_is_named_or_pointless_is_off" {
  command = plan

  variables {
    dry_run         = true
    disabled_alerts = ["signatures-refused"]
  }

  assert {
    condition     = [for name, policy in google_monitoring_alert_policy.this : name if !policy.enabled] == ["channels-late", "overdue-growing", "pass-behind", "signatures-refused", "sweep-refused"]
    error_message = "Only the alert that was named, and those that a dry run makes pointless, may be off."
  }
}

run "an_unknown_alert_is_refused" {
  command = plan

  variables {
    disabled_alerts = ["no-such-alert"]
  }

  expect_failures = [var.disabled_alerts]
}

run "a_window_of_less_than_two_periods_is_refused" {
  command = plan

  variables {
    schedule               = "*/20 * * * *"
    alert_no_sweep_minutes = 39
  }

  expect_failures = [var.alert_no_sweep_minutes]
}
