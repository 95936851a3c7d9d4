/** What the API page says about the service. */
export const api = {
  title: 'Cahier – notifications',
  description: 'Abonnements, préférences et envois de courriels. Subscriptions, preferences and mailings.',
};
