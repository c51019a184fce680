import { storeSuite } from '@simple-scheduler/conformance';
import { MemoryDatabase, openMemoryStore } from '@simple-scheduler/simulation';

// The simulation is worth as much as its store is like the real ones.
storeSuite('memory', async () => {
  const db = new MemoryDatabase(() => Date.now());
  const store = openMemoryStore(db);
  return { store, second: openMemoryStore(db), open: async () => openMemoryStore(db), close: async () => {} };
});
