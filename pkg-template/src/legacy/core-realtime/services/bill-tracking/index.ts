/**
 * The legacy service for bills, under the path in its documentation.
 *
 * @packageDocumentation
 * @deprecated Use the service `bills` of `tidewire/services`.
 */
export { BillTrackingService } from '../../index.js';
