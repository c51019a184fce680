export { type MongoStoreOptions, openMongoStore } from './open-store.ts';
