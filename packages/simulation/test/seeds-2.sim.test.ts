import { holdSeeds } from './hold-seeds.ts';

holdSeeds(251, 500);
