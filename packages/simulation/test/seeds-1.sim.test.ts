import { holdSeeds } from './hold-seeds.ts';

// Two files, so that two cores share the seeds.
holdSeeds(1, 250);
