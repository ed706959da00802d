"""Simulated counterparts, over real HTTP with real faults: an ERP, storefronts, carriers, processors."""
