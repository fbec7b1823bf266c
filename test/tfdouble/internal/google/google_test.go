package google

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/clock"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

var start = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func provider(t *testing.T) *Provider {
	t.Helper()
	dir := t.TempDir()
	now := func() time.Time { return start }
	p, err := New(Options{Dir: dir, Now: now, Clock: &clock.Clock{Dir: dir, Machine: now}, Journal: &journal.Journal{Dir: dir, Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Configure(plan.Object{"project": "p", "region": "r"}); err != nil {
		t.Fatal(err)
	}
	r := resource(t, p, "google_project_service")
	for _, service := range services { // as if they had always been on
		state := plan.Made(r.Block, p.Names, plan.Planned(r.Block, p.Names, plan.Object{"service": service}, nil))
		if err := p.put(r, state, time.Time{}, false); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func resource(t *testing.T, p *Provider, name string) schema.Resource {
	t.Helper()
	for _, r := range p.resources {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no resource type %s", name)
	return schema.Resource{}
}

// create plans and creates a resource.
func create(t *testing.T, p *Provider, name string, config plan.Object) (schema.Resource, plan.Object) {
	t.Helper()
	r := resource(t, p, name)
	state, err := p.Create(t.Context(), r, plan.Planned(r.Block, p.Names, config, nil), config)
	if err != nil {
		t.Fatal(err)
	}
	return r, state
}

func TestValidate(t *testing.T) {
	t.Parallel()
	service := func(ingress any) plan.Object {
		return plan.Object{"service_config": []any{plan.Object{"ingress_settings": ingress}}}
	}
	for _, row := range []struct {
		name, resource string
		config         plan.Object
		want           string // "" for none
		reason         string
	}{
		{"short account", "google_service_account", plan.Object{"account_id": "abc"}, "6 to 30", "Google's own limit"},
		{"long account", "google_service_account", plan.Object{"account_id": strings.Repeat("a", 31)}, "6 to 30", "Google's own limit"},
		{"good account", "google_service_account", plan.Object{"account_id": "abcdef"}, "", "just long enough"},
		{"unknown account", "google_service_account", plan.Object{"account_id": value.Unknown}, "", "it may yet be good"},
		{"no version", "google_secret_manager_secret_version", plan.Object{"secret_data_wo": value.Unknown}, "secret_data_wo_version",
			"the value alone shows no change"},
		{"ingress", "google_cloudfunctions2_function", service("ALLOW_ANYBODY"), "expected ingress_settings", "a closed set"},
		{"good ingress", "google_cloudfunctions2_function", service("ALLOW_INTERNAL_ONLY"), "", "in the set"},
		{"bad timeout", "google_cloudfunctions2_function", plan.Object{"service_config": []any{plan.Object{"timeout_seconds": big.NewFloat(99999)}}},
			"", "the real one does not look either"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := provider(t)
			err := p.Validate(resource(t, p, row.resource), row.config)
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %v, want %q: %s", err, row.want, row.reason)
			}
		})
	}
}

func TestDeleteHonoursThePolicy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, policy, refusal string
		left                  bool
		reason                string
	}{
		{"delete", "DELETE", "", false, "the default"},
		{"prevent", "PREVENT", "cannot destroy google_storage_bucket_object", true, "the real one refuses"},
		{"abandon", "ABANDON", "", true, "only Terraform forgets it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := provider(t)
			r, state := create(t, p, "google_storage_bucket_object", plan.Object{
				"bucket": "b", "name": "folder/o", "content": "text", "deletion_policy": row.policy})
			err := p.Delete(t.Context(), r, state)
			if row.refusal == "" && err != nil || row.refusal != "" && (err == nil || !strings.Contains(err.Error(), row.refusal)) {
				t.Errorf("got error %v, want %q: %s", err, row.refusal, row.reason)
			}
			if left := p.store.has("objects/b/folder/o"); left != row.left {
				t.Errorf("object left: %v, want %v: %s", left, row.left, row.reason)
			}
		})
	}
}

func TestObjectIsCopiedAndNumbered(t *testing.T) {
	t.Parallel()
	p := provider(t)
	source := filepath.Join(t.TempDir(), "source")
	if err := os.WriteFile(source, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, first := create(t, p, "google_storage_bucket_object", plan.Object{"bucket": "b", "name": "one", "source": source})
	_, second := create(t, p, "google_storage_bucket_object", plan.Object{"bucket": "b", "name": "two", "source": source})
	got := plan.Object{}
	for _, name := range []string{"md5hash", "md5hexhash", "crc32c", "output_name", "id"} {
		got[name] = first[name]
	}
	want := plan.Object{"md5hash": "XUFAKrxLKna5cZ2REBfFkg==", "md5hexhash": "5d41402abc4b2a76b9719d911017c592",
		"crc32c": "mnG7TA==", "output_name": "one", "id": "b-one"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	if value.Equal(first["generation"], second["generation"]) {
		t.Errorf("both objects have generation %v, at the same instant of a frozen clock", value.Text(first["generation"]))
	}
}

func TestSecretVersionsCountOnAndLatestIsTheNewest(t *testing.T) {
	t.Parallel()
	p := provider(t)
	config := func(data string) plan.Object {
		return plan.Object{"secret": "projects/p/secrets/s", "secret_data_wo": data, "secret_data_wo_version": "1"}
	}
	r, first := create(t, p, "google_secret_manager_secret_version", config("one"))
	_, second := create(t, p, "google_secret_manager_secret_version", config("two"))
	if first["version"] != "1" || second["version"] != "2" || first["secret_data_wo"] != nil {
		t.Errorf("versions %v and %v, stored secret %v; want 1, 2 and none", first["version"], second["version"], first["secret_data_wo"])
	}
	if err := p.Delete(t.Context(), r, first); err != nil {
		t.Fatal(err)
	}
	latest := p.secrets([]any{plan.Object{"key": "K", "project_id": "p", "secret": "s", "version": "latest"},
		plan.Object{"key": "L", "project_id": "p", "secret": "s", "version": "1"}})
	if latest[0].File != "secrets/s/2" || latest[1].File != "" {
		t.Errorf("files %q and %q, want secrets/s/2 and none for the version that is gone", latest[0].File, latest[1].File)
	}
}

func TestFullBucketIsNotDeleted(t *testing.T) {
	t.Parallel()
	p := provider(t)
	r, bucket := create(t, p, "google_storage_bucket", plan.Object{"name": "b", "location": "eu"})
	create(t, p, "google_storage_bucket_object", plan.Object{"bucket": "b", "name": "o", "content": "text"})
	if err := p.Delete(t.Context(), r, bucket); err == nil || !strings.Contains(err.Error(), "force_destroy") {
		t.Errorf("got error %v, want one about force_destroy", err)
	}
	bucket["force_destroy"] = true
	if err := p.Delete(t.Context(), r, bucket); err != nil || p.store.has("objects/b/o") {
		t.Errorf("forced: error %v, object left: %v", err, p.store.has("objects/b/o"))
	}
}

func TestFunctionWantsItsSource(t *testing.T) {
	t.Parallel()
	p := provider(t)
	r := resource(t, p, "google_cloudfunctions2_function")
	config := plan.Object{"name": "f", "location": "r", "build_config": []any{plan.Object{
		"source": []any{plan.Object{"storage_source": []any{plan.Object{"bucket": "b", "object": "missing"}}}}}}}
	_, err := p.Create(t.Context(), r, plan.Planned(r.Block, p.Names, config, nil), config)
	if err == nil || !strings.Contains(err.Error(), `object "missing" of bucket "b", does not exist`) {
		t.Errorf("got error %v, want one that names the object", err)
	}
}

func TestNamesStayWithinTheDirectory(t *testing.T) {
	t.Parallel()
	p := provider(t)
	if err := p.store.write("objects/../../outside", []byte("x")); err == nil {
		t.Error("a name that leads out of the directory was written")
	}
}
