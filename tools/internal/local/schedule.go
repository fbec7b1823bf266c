package local

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

// timetable decides when a job is due. It is asked with the time that the fake's
// clock shows, which may stand, run or leap.
type timetable struct {
	job  applied.Job
	cron cron.Schedule
	next time.Time
}

func newTimetable(j applied.Job, now time.Time) (*timetable, error) {
	zone := j.TimeZone
	if zone == "" {
		zone = "Etc/UTC"
	}
	c, err := cron.ParseStandard("CRON_TZ=" + zone + " " + j.Schedule)
	if err != nil {
		return nil, fmt.Errorf("read the schedule %q of job %s: %w", j.Schedule, j.Name, err)
	}
	return &timetable{job: j, cron: c, next: c.Next(now)}, nil
}

// due reports whether the job is to run now; a leap over several times gives one
// run, as a scheduler that was away gives one.
func (t *timetable) due(now time.Time) bool {
	if t.job.Paused || now.Before(t.next) {
		return false
	}
	t.next = t.cron.Next(now)
	return true
}

// schedule runs the jobs, one after the other, until ctx ends.
func schedule(ctx context.Context, jobs []applied.Job, fake, token string, log *slog.Logger) error {
	address, err := url.Parse(fake)
	if err != nil {
		return fmt.Errorf("read the fake's address: %w", err)
	}
	clock := function.NewClock(address, http.DefaultTransport)
	now, err := clock.Read(ctx)
	if err != nil {
		return err
	}
	var tables []*timetable
	for _, j := range jobs {
		t, err := newTimetable(j, now)
		if err != nil {
			return err
		}
		tables = append(tables, t)
		log.Info("scheduled", "job", j.Name, "schedule", j.Schedule, "time_zone", j.TimeZone, "paused", j.Paused, "next", t.next)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now, err := clock.Read(ctx)
		if err != nil {
			continue // the fake is busy turning its clock, or ended
		}
		for _, t := range tables {
			if t.due(now) {
				status, answer, err := call(ctx, t.job, token, now)
				log.Info("called", "job", t.job.Name, "at", now, "status", status, "answer", answer, "error", fmt.Sprint(err))
			}
		}
	}
}

// call makes the job's request as Cloud Scheduler does, within its deadline.
func call(ctx context.Context, j applied.Job, token string, at time.Time) (int, string, error) {
	deadline, err := time.ParseDuration(j.AttemptDeadline)
	if err != nil {
		deadline = 3 * time.Minute // Cloud Scheduler's default
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, j.Method, j.URI, strings.NewReader(j.Body))
	if err != nil {
		return 0, "", err
	}
	for name, value := range j.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", "Google-Cloud-Scheduler")
	req.Header.Set("X-CloudScheduler", "true")
	req.Header.Set("X-CloudScheduler-JobName", j.Name)
	req.Header.Set("X-CloudScheduler-ScheduleTime", at.UTC().Format(time.RFC3339))
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, strings.TrimSpace(string(body)), err
}
