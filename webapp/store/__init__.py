"""The store's language: Magento's shapes in and out."""
