/** What the API page says about the service. */
export const api = {
  title: 'Cahier – campagnes',
  description: 'Programmes, éditions, campagnes, documents soumis et instances de pilotage. Programmes, editions, campaigns, consulted documents and steering bodies.',
};
