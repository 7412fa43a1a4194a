/**
 * The older service for bills, under the path its documentation names.
 *
 * @packageDocumentation
 * @deprecated Use the service `bills` of `tidewire/services`.
 */
export { BillTrackingService } from '../../index.js';
