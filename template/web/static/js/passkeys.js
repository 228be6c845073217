// Tells people what allauth's scripts only write to the console.
(() => {
  'use strict'

  const reasons = {
    NotAllowedError: 'The passkey was not used: you cancelled, or it took too long. Try again.',
    InvalidStateError: 'This device already has a passkey for your account.',
    NotSupportedError: 'This device cannot make such a passkey.',
    SecurityError: 'Passkeys do not work at this address.'
  }

  document.addEventListener('allauth.error', (event) => {
    const place = document.getElementById('passkey-problem')
    if (!place) return
    const error = event.detail.exception
    place.textContent = reasons[error && error.name] || 'The passkey did not work. Try again.'
    place.hidden = false
  })

  document.addEventListener('DOMContentLoaded', () => {
    if (window.PublicKeyCredential) return
    const place = document.getElementById('passkey-problem')
    if (!place) return
    place.textContent = 'This browser knows no passkeys here. Choose another way.'
    place.hidden = false
  })
})()
