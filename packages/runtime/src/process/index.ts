export { awaitConnection, awaitDependency } from './await-dependency.ts';
export { runService, type ServiceHost } from './run-service.ts';
