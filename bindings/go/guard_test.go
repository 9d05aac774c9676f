package gwplugins

import "testing"

const mail = "Mail jane@example.com"

func TestOne(t *testing.T) {
	g, err := New("pii_filter", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r, err := g.Rewrite(mail)
	t.Logf("%+v %v", r, err)
	t.Log(testing.AllocsPerRun(100, func() { g.Scan("nothing here") }), testing.AllocsPerRun(100, func() { g.Rewrite("nothing here") }))
	_, err = New("pii_filter", "{\"a\":1}")
	t.Log(err)
}
func BenchmarkScan(b *testing.B) {
	g, _ := New("pii_filter", nil)
	for b.Loop() {
		g.Scan("The quick brown fox jumps over the lazy dog, and nothing here is personal.")
	}
}
