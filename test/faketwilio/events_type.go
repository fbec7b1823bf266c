package faketwilio

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// taskEventTypes are the TaskRouter events that the fake lists, without their prefix.
var taskEventTypes = []string{
	"task.created", "task.updated", "task.canceled", "task.wrapup", "task.completed", "task.deleted", "task.system-deleted",
	"task.transfer-initiated", "task.transfer-completed", "task.transfer-failed", "task.transfer-canceled",
	"task.transfer-attempt-failed",
	"reservation.created", "reservation.accepted", "reservation.rejected", "reservation.timeout", "reservation.canceled",
	"reservation.rescinded", "reservation.completed", "reservation.failed", "reservation.wrapup",
	"worker.created", "worker.deleted", "worker.activity.update", "worker.attributes.update", "worker.capacity.update",
	"worker.channel.availability.update",
	"task-queue.created", "task-queue.deleted", "task-queue.entered", "task-queue.moved", "task-queue.timeout",
	"task-queue.expression-updated",
	"workflow.entered", "workflow.rejected", "workflow.skipped", "workflow.target-matched", "workflow.timeout",
}

const (
	taskSchema        = "TaskRouter.WDSEvent"
	taskSchemaVersion = 4 // the latest [docs events/event-types/taskrouter/task]
)

// typesSince is when the listed types and schemas pretend to have been made.
var typesSince = time.Date(2020, time.August, 13, 13, 28, 20, 0, time.UTC)

// otherEventTypes can be subscribed to and injected, and are neither listed nor emitted [docs events/event-types].
var otherEventTypes = []string{
	"com.twilio.conversations.conversation-state.updated", "com.twilio.conversations.conversation.added",
	"com.twilio.conversations.conversation.removed", "com.twilio.conversations.conversation.updated",
	"com.twilio.conversations.message.added", "com.twilio.conversations.participant.added",
	"com.twilio.conversations.participant.removed",
}

// validEventType reports whether there is such a type.
func validEventType(name string) bool {
	short, ofTasks := strings.CutPrefix(name, taskEventPrefix)
	return ofTasks && slices.Contains(taskEventTypes, short) || slices.Contains(otherEventTypes, name)
}

// latestSchema is the newest schema version of an event type: that of types of other products is not known.
func latestSchema(name string) int {
	if strings.HasPrefix(name, taskEventPrefix) {
		return taskSchemaVersion
	}
	return defaultSchemaVersion
}

// schemaOf is the schema of an event type.
func schemaOf(name string) string {
	if strings.HasPrefix(name, taskEventPrefix) {
		return taskSchema
	}
	return "EventStreams.Unknown"
}

func eventTypeRoutes(r router) {
	r.handle(productEvents, "GET", "/v1/Types", (*Server).listEventTypes)
	r.handle(productEvents, "GET", "/v1/Types/{Type}", (*Server).fetchEventType)
	r.handle(productEvents, "GET", "/v1/Schemas/{Id}", (*Server).fetchSchema)
	r.handle(productEvents, "GET", "/v1/Schemas/{Id}/Versions", (*Server).listSchemaVersions)
	r.handle(productEvents, "GET", "/v1/Schemas/{Id}/Versions/{SchemaVersion}", (*Server).fetchSchemaVersion)
}

func (s *Server) listEventTypes(c *call) (reply, error) {
	var types collection[string]
	for _, name := range taskEventTypes {
		types.add(taskEventPrefix + name)
	}
	schema := c.query.Get("SchemaId")
	wanted := func(name string) bool { return schema == "" || schemaOf(name) == schema }
	return listOf(c, "types", 1000, &types, false, wanted, func(name string) any { return eventTypeOf(c, name) })
}

func (s *Server) fetchEventType(c *call) (reply, error) {
	name := c.v("Type")
	if !slices.Contains(taskEventTypes, strings.TrimPrefix(name, taskEventPrefix)) || !strings.HasPrefix(name, taskEventPrefix) {
		return reply{}, s.notFound(codeNotFound, c)
	}
	return ok(eventTypeOf(c, name)), nil
}

type eventTypeBody struct {
	Type             string            `json:"type"`
	SchemaID         string            `json:"schema_id"`
	DateCreated      string            `json:"date_created"`
	DateUpdated      string            `json:"date_updated"`
	Description      string            `json:"description"`
	Status           string            `json:"status"`
	DocumentationURL *string           `json:"documentation_url"`
	URL              string            `json:"url"`
	Links            map[string]string `json:"links"`
}

func eventTypeOf(c *call, name string) any {
	return eventTypeBody{
		Type: name, SchemaID: schemaOf(name), DateCreated: iso(typesSince), DateUpdated: iso(typesSince),
		Description: "TaskRouter " + strings.TrimPrefix(name, taskEventPrefix), Status: "available",
		URL:   c.url("/v1/Types/", name),
		Links: map[string]string{"schema": c.url("/v1/Schemas/", schemaOf(name), "/Versions")},
	}
}

// schemaURL is the address of the schema that the path names, which must be the one the fake has.
func (s *Server) schemaURL(c *call) (string, error) {
	if c.v("Id") != taskSchema {
		return "", s.notFound(codeNotFound, c)
	}
	return c.url("/v1/Schemas/", taskSchema), nil
}

func (s *Server) fetchSchema(c *call) (reply, error) {
	url, err := s.schemaURL(c)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{
		"id": taskSchema, "url": url, "latest_version": taskSchemaVersion, "latest_version_date_created": iso(typesSince),
		"links": map[string]string{"versions": url + "/Versions"},
	}), nil
}

func (s *Server) listSchemaVersions(c *call) (reply, error) {
	url, err := s.schemaURL(c)
	if err != nil {
		return reply{}, err
	}
	var versions collection[int]
	for n := range taskSchemaVersion {
		versions.add(n + 1)
	}
	return listOf(c, "schema_versions", 1000, &versions, false, nil, func(n int) any { return schemaVersion(url, n) })
}

func (s *Server) fetchSchemaVersion(c *call) (reply, error) {
	url, err := s.schemaURL(c)
	if err != nil {
		return reply{}, err
	}
	n, err := strconv.Atoi(c.v("SchemaVersion"))
	if err != nil || n < 1 || n > taskSchemaVersion {
		return reply{}, s.notFound(codeNotFound, c)
	}
	return ok(schemaVersion(url, n)), nil
}

func schemaVersion(url string, n int) any {
	version := strconv.Itoa(n)
	return map[string]any{
		"id": taskSchema, "schema_version": n, "date_created": iso(typesSince), "url": url + "/Versions/" + version,
		"raw": "https://events-schemas.twilio.com/" + taskSchema + "/" + version,
	}
}
